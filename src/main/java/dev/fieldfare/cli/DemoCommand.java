package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.Part;
import dev.fieldfare.camera.SimulatedBench;
import dev.fieldfare.camera.SimulatedCamera;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.FolderEvaluation;
import dev.fieldfare.train.ReportFile;
import dev.fieldfare.train.Retraining;
import dev.fieldfare.train.TrainingReport;
import dev.fieldfare.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * The main job on what is shipped. A camera over a workbench sees small parts by day; a model that has never seen such
 * parts learns them. Then evening comes, other grounds and dim light, the model does worse, and learns again.
 */
@Command(
        name = "demo",
        description = "Shows the main job on the shipped model and a simulated camera: learn, notice that the world has"
                + " changed, learn again, prove it better.")
final class DemoCommand implements Callable<Integer> {
    private static final String MARKER = ".fieldfare-demo";

    @ParentCommand
    Main main = new Main();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FOLDER",
            defaultValue = "fieldfare-demo",
            description = "Receives pictures, model and report. Default: ${DEFAULT-VALUE}.")
    Path output = Path.of("fieldfare-demo");

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "150",
            description = "Pictures of each part in each world. Default: ${DEFAULT-VALUE}.")
    int pictures;

    @Override
    public Integer call() {
        Console console = main.console(run.json);
        InstantSource clock = InstantSource.system();
        long start = clock.millis();
        clear(output);
        Seed seed = new Seed(run.seed == null ? 1 : run.seed);
        ClassifierModel shipped = ClassifierModel.open(ShippedModel.file(), CardDocument.EMPTY);
        console.print("The shipped model " + shipped.file().getFileName() + " knows "
                + shipped.labels().size() + " things: " + String.join(", ", shipped.labels()) + ".");
        console.print("Now it shall tell small parts apart: "
                + String.join(", ", Stream.of(Part.values()).map(Part::label).toList()) + ".");
        console.print("");

        console.print("1. By day: the camera takes " + pictures + " pictures of each part, and the model learns them.");
        Path data = output.resolve("pictures");
        capture(SimulatedBench.day(), "day", data, seed, console);
        TrainingReport day = retrain(shipped, data, clock, console);
        console.print("");

        console.print("2. Evening comes: other grounds, dim warm light, more noise. What the model makes of it:");
        Path evening = output.resolve("evening");
        capture(SimulatedBench.evening(), "evening", evening, seed, console);
        ClassifierModel first = ClassifierModel.open(Path.of(day.model()), CardDocument.EMPTY);
        Evaluation surprised =
                FolderEvaluation.of(first, evening, Averaging.NONE, run.effectiveThreads(), clock, console);
        console.print(String.format(
                Locale.ROOT,
                "   %.1f %% right by day, %.1f %% in the evening.",
                100 * day.test().accuracy(),
                100 * surprised.accuracy()));
        console.print("");

        console.print(
                "3. The evening's pictures join the others, and the model learns again. Some of both are held back;"
                        + " the new version must beat the old one there.");
        addTo(data, evening);
        TrainingReport both = retrain(first, data, clock, console);
        console.print("");
        summary(both, console, clock.millis() - start);
        if (run.json) {
            console.jsonText(ReportFile.json(both));
        }
        return 0;
    }

    private TrainingReport retrain(ClassifierModel parent, Path data, InstantSource clock, Console console) {
        TrainingSettings settings = StrictYaml.override(
                TrainingSettings.DEFAULT,
                Map.of(
                        "seed",
                        run.seed == null ? 1 : run.seed,
                        "threads",
                        run.effectiveThreads(),
                        "budget",
                        "160M",
                        // Not what the plan would find best on this machine: nobody waits long for a demo, and it shall
                        // be the same everywhere.
                        "train",
                        "blocks:4",
                        "suffix",
                        Map.of("epochs", 10),
                        "augment",
                        Map.of("views", 3, "strengths", Map.of("flip", 0.5, "crop", 0.25))),
                "the demo's settings");
        try (ModelStore store = ModelStore.open(output)) {
            TrainingReport report = new Retraining(
                            parent, data, store, settings, "fieldfare " + Version.current(), clock, console)
                    .run();
            RetrainCommand.print(report, output, console);
            return report;
        }
    }

    private void summary(TrainingReport report, Console console, long millis) {
        console.print(String.format(Locale.ROOT, "Done in %.0f s.", millis / 1000.0));
        console.print("Look at " + output.resolve("report.html") + " in a browser, and try the model:");
        String classify = "  " + Words.command() + " classify -m " + quoted(output.resolve(ModelStore.MODEL));
        console.print(classify + " simulated:anywhere");
        console.print(classify + " --average crops:5+flip " + quoted(output.resolve("evening")));
        console.print("For your own: one folder of pictures for each label, then");
        console.print("  " + Words.command() + " retrain -m " + quoted(ShippedModel.file()) + " -d FOLDER -o my-model");
    }

    private static String quoted(Path path) {
        return Words.quoted(path.toString());
    }

    private void capture(SimulatedBench bench, String world, Path folder, Seed seed, Console console) {
        Part[] parts = Part.values();
        try (SimulatedCamera camera =
                        new SimulatedCamera(bench, index -> seed.generator("simulated camera " + world, index));
                var task = console.start("taking pictures", (long) parts.length * pictures)) {
            long frame = 0;
            for (Part part : parts) {
                Path ofPart = Files.createDirectories(folder.resolve(part.label()));
                for (int i = 0; i < pictures; i++, frame++) {
                    String name = String.format(Locale.ROOT, "%s-%04d.png", world, i);
                    PictureWriter.writePng(camera.draw(frame, part).picture(), ofPart.resolve(name));
                    task.at(frame + 1, part.label());
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot write pictures to " + folder + ": " + e.getMessage(), e);
        }
    }

    private static void addTo(Path folder, Path more) {
        try (Stream<Path> files = Files.walk(more)) {
            List<Path> pictures = files.filter(Files::isRegularFile).sorted().toList();
            for (Path picture : pictures) {
                Path target = folder.resolve(more.relativize(picture));
                Files.copy(picture, target);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot copy pictures to " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Empties the folder of an earlier demo; a folder that holds anything else is left alone. */
    private static void clear(Path folder) {
        try {
            if (Files.exists(folder)) {
                boolean empty;
                try (Stream<Path> inside = Files.list(folder)) {
                    empty = inside.findAny().isEmpty();
                }
                if (!empty && !Files.exists(folder.resolve(MARKER))) {
                    throw new FieldfareException(
                            folder + " holds something that is not from a demo; give another folder "
                                    + "with -o, so that nothing of yours is lost");
                }
                try (Stream<Path> inside = Files.walk(folder)) {
                    for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
            Files.createDirectories(folder);
            Files.createFile(folder.resolve(MARKER));
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot use the folder " + folder + ": " + e.getMessage() + "; give another with -o", e);
        }
    }
}

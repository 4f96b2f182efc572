package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.SimulatedBench;
import dev.fieldfare.camera.SimulatedCamera;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureFiles;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Prediction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "classify", description = "Says what pictures show.")
final class ClassifyCommand implements Callable<Integer> {
    private static final int TOP = 5;
    private static final String SIMULATED = "simulated:";

    @ParentCommand
    Main main = new Main();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = "--average",
            paramLabel = "SPEC",
            defaultValue = "auto",
            description = "Looks to average: none, flip, crops:N, dropout:N, fmp:N, members, or joined by '+' such as"
                    + " crops:5+flip; then ',until:0.99' or ',within:150ms' to stop earlier. auto looks once when sure,"
                    + " and more when not. Default: ${DEFAULT-VALUE}.")
    String average = "auto";

    @Option(
            names = "--frames",
            paramLabel = "N",
            defaultValue = "10",
            description = "Frames to take from a camera. Default: ${DEFAULT-VALUE}.")
    int frames;

    @Parameters(
            arity = "1..*",
            paramLabel = "SOURCE",
            description = "Pictures, folders of pictures, or the simulated camera: simulated:day, simulated:evening,"
                    + " simulated:anywhere.")
    List<String> sources = List.of();

    @Override
    public Integer call() {
        Console console = main.console(run.json);
        if (frames < 1) {
            throw run.wrong("--frames must be at least 1, not " + frames);
        }
        List<ClassifierModel> opened = model.openAll(console);
        Averaging averaging = Averaging.parse(average, opened.getFirst().card());
        int looked = 0;
        try (Classifier classifier =
                Classifier.open(opened, averaging, run.effectiveThreads(), InstantSource.system())) {
            for (String source : sources) {
                looked += source.startsWith(SIMULATED)
                        ? camera(source, classifier, averaging, console)
                        : files(Path.of(source), classifier, averaging, console);
            }
        }
        if (looked == 0) {
            throw new FieldfareException("none of the sources held a picture that could be read");
        }
        return 0;
    }

    private int files(Path source, Classifier classifier, Averaging averaging, Console console) {
        if (!Files.exists(source)) {
            throw new FieldfareException("there is no picture or folder " + source + "; check the path");
        }
        List<Path> files = Files.isDirectory(source) ? PictureFiles.list(source, true) : List.of(source);
        int looked = 0;
        for (Path file : files) {
            Picture picture;
            try {
                picture = PictureReader.read(file, classifier.wantedShortSide());
            } catch (FieldfareException broken) {
                console.note("skipped: " + broken.getMessage());
                continue;
            }
            show(file.toString(), picture, classifier, averaging, console);
            looked++;
        }
        return looked;
    }

    private int camera(String source, Classifier classifier, Averaging averaging, Console console) {
        Seed seed = new Seed(run.seed == null ? 1 : run.seed);
        SimulatedBench bench = SimulatedBench.named(source.substring(SIMULATED.length()));
        try (SimulatedCamera camera = new SimulatedCamera(bench, index -> seed.generator("simulated camera", index))) {
            for (int i = 0; i < frames; i++) {
                SimulatedCamera.Drawn frame = camera.draw(i);
                String name = source + " frame " + i + " (" + frame.part().label() + ")";
                show(name, frame.picture(), classifier, averaging, console);
            }
        }
        return frames;
    }

    private void show(String source, Picture picture, Classifier classifier, Averaging averaging, Console console) {
        long start = System.nanoTime();
        Prediction prediction = classifier.predict(picture, averaging);
        double millis = (System.nanoTime() - start) / 1e6;
        List<Prediction.Ranked> top = prediction.top(TOP);
        if (run.json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("source", source);
            line.put("label", prediction.label());
            line.put("probability", prediction.probability());
            line.put("top", top);
            line.put("samples", prediction.samples());
            line.put("entropy", prediction.entropy());
            line.put("mutualInformation", prediction.mutualInformation());
            line.put("millis", millis);
            console.json(line);
            return;
        }
        StringBuilder others = new StringBuilder();
        for (Prediction.Ranked other : top.subList(1, Math.min(3, top.size()))) {
            others.append(others.isEmpty() ? "" : ", ").append(percent(other));
        }
        console.print(source + ": " + percent(top.getFirst()) + "  (" + others + ")");
    }

    private static String percent(Prediction.Ranked ranked) {
        return String.format(Locale.ROOT, "%s %.1f %%", ranked.label(), 100 * ranked.probability());
    }
}

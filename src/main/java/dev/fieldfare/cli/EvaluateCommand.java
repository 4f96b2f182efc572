package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.train.FolderEvaluation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "evaluate", description = "Measures a model on labelled folders of pictures.")
final class EvaluateCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = {"-d", "--data"},
            required = true,
            paramLabel = "FOLDER",
            description = "FOLDER/LABEL/*.jpg; of a folder that is split, the test part or else the validation part.")
    @Nullable
    Path data;

    @Option(
            names = "--average",
            paramLabel = "SPEC",
            defaultValue = "auto",
            description = "Looks to average, such as none, crops:5+flip or dropout:30,until:0.99; auto looks once when"
                    + " sure, and more when not. Default: ${DEFAULT-VALUE}.")
    String average = "auto";

    @Override
    public Integer call() {
        Console console = main.console(run.json);
        List<ClassifierModel> opened = model.openAll(console);
        long start = System.nanoTime();
        Evaluation evaluation = FolderEvaluation.of(
                opened,
                Objects.requireNonNull(data),
                Averaging.parse(average, opened.getFirst().card()),
                run.effectiveThreads(),
                InstantSource.system(),
                console);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (run.json) {
            Map<String, Object> document = StrictYaml.toMap(evaluation);
            document.put("seconds", seconds);
            console.json(document);
        } else {
            print(evaluation, seconds, console);
        }
        return 0;
    }

    static void print(Evaluation evaluation, double seconds, Console console) {
        console.print(String.format(
                Locale.ROOT,
                "%d of %d pictures right: %.1f %% (95 %% interval %.1f to %.1f), loss %.3f, calibration error %.3f,"
                        + " %.1f s",
                evaluation.right(),
                evaluation.images(),
                100 * evaluation.accuracy(),
                100 * evaluation.accuracyInterval().low(),
                100 * evaluation.accuracyInterval().high(),
                evaluation.loss(),
                evaluation.ece(),
                seconds));
        Double top5 = evaluation.top5();
        if (top5 != null) {
            console.print(String.format(Locale.ROOT, "among the five most probable: %.1f %%", 100 * top5));
        }
        if (evaluation.samples() > 1) {
            console.print(String.format(
                    Locale.ROOT, "%.1f looks a picture (%s)", evaluation.samples(), evaluation.averaging()));
        }
        Double temperature = evaluation.temperature();
        if (temperature != null) {
            console.print(String.format(
                    Locale.ROOT,
                    "best calibrated by a temperature of %.3f: it is %s",
                    temperature,
                    temperature > 1.02
                            ? "surer than it should be"
                            : temperature < 0.98 ? "shyer than it could be" : "as sure as it should be"));
        }
        if (evaluation.unknown() > 0) {
            console.print("answered with unknown: " + evaluation.unknown());
        }
        int width = evaluation.labels().stream().mapToInt(String::length).max().orElse(0);
        for (Evaluation.ClassScore score : evaluation.perClass()) {
            if (score.images() > 0) {
                Double recall = score.recall();
                console.print(String.format(
                        Locale.ROOT,
                        "  %-" + width + "s  %4d pictures, found %s",
                        score.label(),
                        score.images(),
                        recall == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * recall)));
            }
        }
    }
}

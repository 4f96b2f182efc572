package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.tune.Tuning;
import dev.fieldfare.tune.TuningFiles;
import dev.fieldfare.tune.TuningReport;
import dev.fieldfare.tune.TuningSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "tune",
        description = "Chooses settings of a retraining for these pictures, explains them, and retrains.")
final class TuneCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    TrainingOptions training = new TrainingOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = {"-d", "--data"},
            required = true,
            paramLabel = "FOLDER",
            description = "FOLDER/LABEL/*.jpg, or FOLDER/train/LABEL and FOLDER/val/LABEL.")
    @Nullable
    Path data;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FOLDER",
            description = "Receives best.yaml, trials.csv, and all that a retraining writes.")
    @Nullable
    Path output;

    @Option(
            names = "--ranges",
            paramLabel = "FILE",
            description = "What is searched, and how (YAML); see the tuning guide for every key.")
    @Nullable
    Path ranges;

    @Option(names = "--search", paramLabel = "KIND", description = "random or grid. Default: random.")
    TuningSettings.@Nullable Search search;

    @Option(names = "--trials", paramLabel = "N", description = "Settings that the coarse search tries, at most.")
    @Nullable
    Integer trials;

    @Override
    public Integer call() {
        ParentWatch.begin();
        Console console = main.console(run.json);
        TrainingSettings settings = training.settings(run);
        TuningSettings tuning =
                ranges == null ? TuningSettings.DEFAULT : StrictYaml.read(ranges, TuningSettings.DEFAULT);
        Map<String, Object> options = new LinkedHashMap<>();
        if (search != null) {
            options.put("search", search.name());
        }
        if (trials != null) {
            options.put("trials", trials);
        }
        tuning = StrictYaml.override(tuning, options, "the options");
        ClassifierModel parent = model.open(console);
        try (ModelStore store = ModelStore.open(Objects.requireNonNull(output))) {
            TuningReport report = new Tuning(
                            parent,
                            Objects.requireNonNull(data),
                            store,
                            settings,
                            tuning,
                            "fieldfare " + Version.current(),
                            InstantSource.system(),
                            console)
                    .run();
            if (run.json) {
                console.jsonText(TuningFiles.json(report));
            } else {
                print(report, store.folder(), console);
            }
        }
        return 0;
    }

    private static String compared(TuningReport.RunnerUp other) {
        return String.format(
                Locale.ROOT,
                "; the best of the others, in %s, on %d (difference %+.1f points, 95 %% interval %+.1f to %+.1f)",
                TuningFiles.RUNNER_UP,
                other.right(),
                100 * other.difference(),
                100 * other.interval().low(),
                100 * other.interval().high());
    }

    private static void print(TuningReport report, Path folder, Console console) {
        TuningReport.Best best = report.best();
        if (best.settings().isEmpty()) {
            console.print(String.format(
                    Locale.ROOT,
                    "the settings that were there before are kept, as no trial is better by more than noise: right on"
                            + " %d of %d pictures that no trial saw%s",
                    best.right(),
                    best.images(),
                    best.runnerUp() == null ? "" : compared(best.runnerUp())));
        } else {
            console.print(String.format(
                    Locale.ROOT,
                    "on %d pictures that no trial saw: right on %d, with the settings that were there before on %d"
                            + " (difference %+.1f points, 95 %% interval %+.1f to %+.1f)",
                    best.images(),
                    best.right(),
                    best.rightBefore(),
                    100 * best.difference(),
                    100 * best.interval().low(),
                    100 * best.interval().high()));
        }
        RetrainCommand.print(report.training(), folder, console);
        console.print("settings: " + folder.resolve(TuningFiles.BEST) + ", for retrain -c");
        console.print("trials: " + folder.resolve(TuningFiles.TRIALS));
    }
}

package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.train.MemorySize;
import dev.fieldfare.train.ReportFile;
import dev.fieldfare.train.Retraining;
import dev.fieldfare.train.TrainingReport;
import dev.fieldfare.train.TrainingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "retrain", description = "Fine-tunes a model on labelled folders of pictures.")
final class RetrainCommand implements Callable<Integer> {
    private static final int MOST_MINUTES = 1440;

    @ParentCommand
    Main main = new Main();

    private Duration every = Retraining.CHECKPOINTS;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    TrainingOptions training = new TrainingOptions();

    @Option(
            names = "--checkpoint",
            paramLabel = "MINUTES",
            description = "How often it is noted how far the training has come, at most. Default: 5.")
    void setCheckpoint(double minutes) {
        if (!(minutes >= 0 && minutes <= MOST_MINUTES)) {
            throw run.wrong("--checkpoint must be between 0 and " + MOST_MINUTES + " minutes, not " + minutes);
        }
        every = Duration.ofMillis((long) (60_000 * minutes));
    }

    @Mixin
    KeepOption keep = new KeepOption();

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
            description = "Receives model.onnx, report.json, report.html and every version.")
    @Nullable
    Path output;

    @Override
    public Integer call() {
        ParentWatch.begin();
        Console console = main.console(run.json);
        TrainingSettings settings = training.settings(run);
        ClassifierModel parent = model.open(console);
        try (ModelStore store = ModelStore.open(Objects.requireNonNull(output))) {
            TrainingReport report = new Retraining(
                            parent,
                            Objects.requireNonNull(data),
                            store,
                            settings,
                            "fieldfare " + Version.current(),
                            every,
                            new SteadyTime(),
                            console)
                    .run();
            keep.prune(store, console);
            if (run.json) {
                console.jsonText(ReportFile.json(report));
            } else {
                print(report, store.folder(), console);
            }
        }
        return 0;
    }

    static void print(TrainingReport report, Path folder, Console console) {
        console.print("training stopped: " + report.stopped());
        line("new model, one look", report.test(), console);
        Evaluation averaged = report.testAveraged();
        if (averaged != null) {
            line("new model, " + averaged.averaging(), averaged, console);
        }
        Evaluation incumbent = report.incumbent();
        if (incumbent != null) {
            line("old model, one look", incumbent, console);
        }
        console.print((report.promoted()
                        ? "version " + report.version() + " is now in use: "
                        : "version " + report.version() + " is kept but not used: ")
                + report.reason());
        console.print("memory: planned " + MemorySize.format(report.memory().plannedBytes()) + ", measured "
                + MemorySize.format(report.memory().peakBytes())
                + (report.memory().budgetBytes() > 0
                        ? ", budget " + MemorySize.format(report.memory().budgetBytes())
                        : ""));
        console.print("model:  " + report.model());
        console.print("report: " + folder.resolve("report.html"));
    }

    private static void line(String name, Evaluation evaluation, Console console) {
        console.print(String.format(
                Locale.ROOT,
                "%-26s %5.1f %% of %d pictures it never saw (95 %% interval %.1f to %.1f)",
                name + ":",
                100 * evaluation.accuracy(),
                evaluation.images(),
                100 * evaluation.accuracyInterval().low(),
                100 * evaluation.accuracyInterval().high()));
    }
}

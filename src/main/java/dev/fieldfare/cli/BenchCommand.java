package dev.fieldfare.cli;

import dev.fieldfare.report.Words;
import dev.fieldfare.train.MemorySize;
import dev.fieldfare.train.Speed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "bench",
        description = "Tries how fast this machine classifies and trains with a model, and what it takes.")
final class BenchCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    TrainingOptions training = new TrainingOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many labels to train. Default: ${DEFAULT-VALUE}.")
    int classes;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "3",
            description = "How long to measure looking, and training; 0.1 to 600. Default: ${DEFAULT-VALUE}.")
    double seconds;

    @Override
    public Integer call() {
        Console console = main.console(run.json);
        if (classes < 2) {
            throw run.wrong("--classes must be at least 2, not " + classes);
        }
        if (!(seconds >= 0.1 && seconds <= 600)) {
            throw run.wrong("--seconds must be 0.1 to 600, not " + Words.setting(seconds));
        }
        Duration least = Duration.ofMillis(Math.round(1000 * seconds));
        Speed speed = Speed.of(model.open(console), classes, training.settings(run), InstantSource.system(), least);
        if (run.json) {
            console.json(speed);
            return 0;
        }
        console.print(String.format(Locale.ROOT, "looks:    %.0f pictures a second", speed.looksPerSecond()));
        console.print(String.format(
                Locale.ROOT,
                "training: %.0f pictures a second, --train %s, %s, batch %d in portions of %d, %d x %d threads",
                speed.imagesPerSecond(),
                speed.train(),
                speed.cached() ? "from cached features" : "from the picture on",
                speed.batch(),
                speed.microBatch(),
                speed.workers(),
                speed.threads()));
        console.print("memory:   planned " + MemorySize.format(speed.plannedBytes()) + ", measured "
                + MemorySize.format(speed.peakBytes()));
        return 0;
    }
}

package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.train.MemorySize;
import dev.fieldfare.train.PlanTable;
import dev.fieldfare.train.TrainingSettings;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "plan", description = "Says what can be trained within a memory budget, before anything is trained.")
final class PlanCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    TrainingOptions training = new TrainingOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(names = "--classes", required = true, paramLabel = "N", description = "How many labels there will be.")
    int classes;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many pictures there will be. Default: ${DEFAULT-VALUE}.")
    int pictures;

    @Override
    public Integer call() {
        if (classes < 2 || pictures < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    classes < 2
                            ? "--classes must be at least 2, not " + classes
                            : "--pictures must be at least 1, not " + pictures);
        }
        Console console = main.console(run.json);
        TrainingSettings settings = training.settings(run);
        ClassifierModel opened = model.open(console);
        PlanTable table = PlanTable.of(opened, classes, pictures, settings, InstantSource.system());
        if (run.json) {
            console.json(table);
            return 0;
        }
        console.print(String.format(
                Locale.ROOT,
                "%-14s %12s %8s %10s %9s  %s",
                "--train",
                "parameters",
                "planned",
                "images/s",
                "takes",
                "fits"));
        for (PlanTable.Option option : table.options()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%-14s %12d %8s %10s %9s  %s",
                    option.from(),
                    option.parameters(),
                    MemorySize.format(option.plannedBytes()),
                    option.fits() ? String.format(Locale.ROOT, "%.0f", option.imagesPerSecond()) : "-",
                    option.fits() ? duration(option.seconds()) : "-",
                    option.fits() ? (option.chosen() ? "yes, chosen" : "yes") : "no"));
        }
        table.options().stream().filter(PlanTable.Option::chosen).forEach(option -> {
            console.print("");
            console.print("the memory of --train " + option.from() + ":");
            for (var item : option.memory()) {
                console.print(String.format(
                        Locale.ROOT, "  %-22s %10s  %s", item.name(), MemorySize.format(item.bytes()), item.why()));
            }
        });
        return 0;
    }

    private static String duration(double seconds) {
        return seconds < 90
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }
}

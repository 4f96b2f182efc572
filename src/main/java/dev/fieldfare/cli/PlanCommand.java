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
                Locale.ROOT, "%-24s %12s %10s %10s  %s", "from", "parameters", "planned", "images/s", "fits"));
        for (PlanTable.Option option : table.options()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%-24s %12d %10s %10.0f  %s",
                    option.from(),
                    option.parameters(),
                    MemorySize.format(option.plannedBytes()),
                    option.imagesPerSecond(),
                    option.fits() ? (option.chosen() ? "yes, chosen" : "yes") : "no"));
            for (var item : option.memory()) {
                console.print(String.format(
                        Locale.ROOT, "  %-22s %23s  %s", item.name(), MemorySize.format(item.bytes()), item.why()));
            }
        }
        return 0;
    }
}

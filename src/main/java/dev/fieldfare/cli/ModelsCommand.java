package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.StrictYaml;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        description = "Looks at models and their versions, and writes them for others.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ModelsListCommand.class,
            ModelsCommand.Show.class,
            ModelsImportCommand.class,
            ModelsExportCommand.class,
            ModelsRollbackCommand.class,
            ModelsJoinCommand.class
        })
final class ModelsCommand implements Runnable {
    @ParentCommand
    Main main = new Main();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The layer that can be retrained, or why none can: such a model still has a card, and classifies. */
    private static String classifier(ClassifierModel model) {
        try {
            return model.trunk().classifier();
        } catch (FieldfareException notRetrainable) {
            return "cannot be retrained: " + notRetrainable.getMessage();
        }
    }

    @Command(name = "show", description = "Shows a model's card: labels, preprocessing, where it comes from.")
    static final class Show implements Callable<Integer> {
        @ParentCommand
        ModelsCommand models = new ModelsCommand();

        @Mixin
        ModelOptions model = new ModelOptions();

        @Mixin
        RunOptions run = new RunOptions();

        @Override
        public Integer call() {
            Console console = models.main.console(run.json);
            ClassifierModel opened = model.open(console);
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("model", opened.file().toString());
            document.put("sha256", Sha256.of(opened.file()));
            document.put("classifier", classifier(opened));
            document.putAll(StrictYaml.toMap(opened.card()));
            if (run.json) {
                console.json(document);
            } else {
                document.forEach((key, value) -> console.print(key + ": " + value));
            }
            return 0;
        }
    }
}

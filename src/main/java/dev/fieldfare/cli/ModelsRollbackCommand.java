package dev.fieldfare.cli;

import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Versions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "rollback",
        description = "Goes back to the version that was in use before, or to any that is named. No version is lost.")
final class ModelsRollbackCommand implements Callable<Integer> {
    @ParentCommand
    ModelsCommand models = new ModelsCommand();

    @Parameters(paramLabel = "FOLDER", description = "What retrain or models import has with -o.")
    Path folder = Path.of("");

    @Option(names = "--to", paramLabel = "VERSION", description = "The version to go to, such as 0002.")
    @Nullable
    String version;

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Override
    public Integer call() {
        Console console = models.main.console(json);
        ModelsListCommand.requireVersions(new Versions(folder));
        try (ModelStore store = ModelStore.open(folder)) {
            Optional<String> now;
            if (version == null) {
                now = store.rollBack(console::note);
            } else {
                store.choose(version);
                now = Optional.of(version);
            }
            if (json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("version", now.orElse(null));
                document.put("model", store.current().map(Path::toString).orElse(null));
                console.json(document);
            } else {
                console.print(now.map(name -> "version " + name + " is now in use")
                        .orElse("no version is in use any more: there was none before"));
            }
        }
        return 0;
    }
}

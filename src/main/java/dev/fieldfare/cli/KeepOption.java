package dev.fieldfare.cli;

import dev.fieldfare.model.ModelStore;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many versions stay. */
final class KeepOption {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    int versions = ModelStore.KEEP;

    @Option(
            names = "--keep",
            paramLabel = "N",
            description = "Versions to keep, the newest; the one in use and the one before it stay in any case. 0 keeps"
                    + " all. Default: 10.")
    void setVersions(int count) {
        if (count < 0) {
            throw new ParameterException(spec.commandLine(), "--keep must be 0 or more, not " + count);
        }
        versions = count;
    }

    /** Removes those that are too old, and says so. */
    void prune(ModelStore store, Console console) {
        List<String> removed = store.upkeep().prune(versions);
        if (!removed.isEmpty()) {
            console.note("removed old versions: " + String.join(", ", removed) + "; see --keep");
        }
    }
}

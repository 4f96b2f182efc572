package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Promotion;
import dev.fieldfare.model.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "list",
        description = "Lists the versions in a folder: which is in use, how good each is, whether it is whole.")
final class ModelsListCommand implements Callable<Integer> {
    @ParentCommand
    ModelsCommand models = new ModelsCommand();

    @Parameters(paramLabel = "FOLDER", description = "What retrain or models import has with -o.")
    Path folder = Path.of("");

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    /** A line of the list. */
    private record Version(
            String version,
            boolean inUse,
            boolean wasInUse,
            String damage,
            String written,
            String origin,
            @Nullable Double accuracy,
            @Nullable Integer pictures,
            @Nullable String reason) {}

    @Override
    public Integer call() {
        Console console = models.main.console(json);
        Versions versions = new Versions(folder);
        requireVersions(versions);
        Optional<String> current = versions.current();
        List<Version> all = new ArrayList<>();
        versions.names().forEach(name -> all.add(version(versions, name, current)));
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("folder", folder.toString());
            document.put("inUse", current.orElse(null));
            document.put("versions", all);
            document.put("setAside", versions.setAside());
            console.json(document);
            return 0;
        }
        all.forEach(version -> console.print(line(version)));
        versions.setAside().forEach(name -> console.print("  " + name + "  set aside"));
        if (current.isEmpty()) {
            console.print(
                    Files.exists(versions.model())
                            ? "the model in use, " + versions.model() + ", is none of these"
                            : "none is in use");
        }
        return 0;
    }

    /** @throws FieldfareException if there are no versions in the folder */
    static void requireVersions(Versions versions) {
        if (versions.names().isEmpty() && versions.setAside().isEmpty()) {
            throw new FieldfareException(versions.folder()
                    + " has no versions of a model; name the folder that 'retrain' or 'models import' has with -o");
        }
    }

    private static Version version(Versions versions, String name, Optional<String> current) {
        Path own = versions.of(name);
        Optional<Promotion> report = report(own);
        return new Version(
                name,
                current.equals(Optional.of(name)),
                versions.wasUsed(name),
                versions.damage(name).orElse(""),
                written(own),
                versions.origin(name),
                report.map(Promotion::accuracy).orElse(null),
                report.map(Promotion::pictures).orElse(null),
                report.map(Promotion::reason).orElse(null));
    }

    private static Optional<Promotion> report(Path version) {
        try {
            return Files.exists(version.resolve("report.json"))
                    ? Optional.of(Promotion.read(version))
                    : Optional.empty();
        } catch (FieldfareException damaged) {
            return Optional.empty(); // the line says that the version is damaged
        }
    }

    private static String written(Path version) {
        try {
            Path model = version.resolve(ModelStore.MODEL);
            return Files.exists(model)
                    ? Files.getLastModifiedTime(model)
                            .toInstant()
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString()
                    : "";
        } catch (IOException e) {
            throw new FieldfareException("cannot look at " + version + ": " + e.getMessage(), e);
        }
    }

    private static String line(Version version) {
        String result = version.accuracy() == null
                ? version.origin()
                : String.format(
                        Locale.ROOT,
                        "%5.1f %% of the pictures held back; %s",
                        100 * version.accuracy(),
                        version.reason());
        return (version.inUse() ? "* " : "  ") + version.version() + "  " + version.written() + "  " + result
                + (version.damage().isEmpty() ? "" : "; DAMAGED: " + version.damage());
    }
}

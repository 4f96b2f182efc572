package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "import",
        description =
                "Makes any ONNX classifier the next version in a folder, with its card inside, and puts it to use.")
final class ModelsImportCommand implements Callable<Integer> {
    @ParentCommand
    ModelsCommand models = new ModelsCommand();

    @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
    Path model = Path.of("");

    @Mixin
    CardOptions card = new CardOptions();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FOLDER",
            description = "Receives model.onnx and every version.")
    @Nullable
    Path output;

    @Mixin
    KeepOption keep = new KeepOption();

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Override
    public Integer call() {
        Console console = models.main.console(json);
        ClassifierModel opened = ClassifierModel.open(ModelFolder.file(model, console), card.document());
        opened.assumptions().forEach(assumption -> console.note(model + ": " + assumption + "; see --card"));
        try (ModelStore store = ModelStore.open(Objects.requireNonNull(output))) {
            OnnxModel network = OnnxFile.read(opened.file());
            Map<String, String> metadata = new LinkedHashMap<>(network.metadata());
            metadata.put(ModelCard.METADATA_KEY, opened.card().toJson());
            OnnxFile.write(network.withMetadata(metadata), store.begin().resolve(ModelStore.MODEL));
            String version = store.nextVersion();
            store.complete(version, "imported from " + model);
            Path file = store.promote(version);
            keep.prune(store, console);
            if (json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("version", version);
                document.put("model", file.toString());
                document.put("labels", opened.labels());
                console.json(document);
            } else {
                console.print("version " + version + " is now in use: " + file);
            }
        }
        return 0;
    }
}

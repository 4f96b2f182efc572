package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.Draw;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.BatchNormalizationFolding;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "export",
        description = "Writes a model for any ONNX Runtime: random regions of pooling are drawn once and for all,"
                + " normalizations folded into the layers before them, the card goes inside.")
final class ModelsExportCommand implements Callable<Integer> {
    @ParentCommand
    ModelsCommand models = new ModelsCommand();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The file to write; it must not exist.")
    @Nullable
    Path output;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "What random regions are drawn from. Default: 0, the regions of every look of Fieldfare's own.")
    long seed;

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Override
    public Integer call() {
        Console console = models.main.console(json);
        Path file = Objects.requireNonNull(output);
        if (Files.exists(file)) {
            throw new ParameterException(spec.commandLine(), file + " exists; name a file that does not");
        }
        ClassifierModel opened = model.open(console);
        OnnxModel original = OnnxFile.read(opened.file());
        boolean drawn = NoisyModel.isForeign(original.graph());
        OnnxModel settled = NoisyModel.settled(original, ShapeInference::of, Draw.of(new Seed(seed)));
        settled = settled.withGraph(
                BatchNormalizationFolding.fold(settled.graph()).graph());
        Map<String, String> metadata = new LinkedHashMap<>(settled.metadata());
        metadata.put(ModelCard.METADATA_KEY, opened.card().toJson());
        OnnxFile.write(settled.withMetadata(metadata), file);
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("model", file.toString());
            document.put("drawn", drawn);
            document.put("seed", seed);
            console.json(document);
        } else {
            console.print(file + ": " + (drawn ? "regions drawn from seed " + seed : "nothing had to be drawn"));
        }
        return 0;
    }
}

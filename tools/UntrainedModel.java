import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Writes the network that ships in models/ as it is before training, random, with its card:
 *
 * <pre>java -cp target/fieldfare.jar tools/UntrainedModel.java OUT.onnx [SEED]</pre>
 *
 * <p>A residual network (He et al., "Deep residual learning for image recognition", 2016) whose first convolution halves
 * 64x64 to 32x32, so that the rest costs as much as on 32x32, and whose last block works at 4x4. Batch normalization
 * follows each convolution. Weights are drawn as in He et al., "Delving deep into rectifiers", 2015, equation 10.
 */
final class UntrainedModel {
    private static final long SIZE = 64;
    private static final long STEM = 16;
    private static final List<Block> BLOCKS = List.of(
            new Block(16, 1),
            new Block(32, 2),
            new Block(32, 1),
            new Block(64, 2),
            new Block(64, 1),
            new Block(128, 2));
    private static final List<String> LABELS =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
    /** Of the pictures that it is to be trained on, by channel, in 0 to 1. */
    private static final List<Double> MEAN = List.of(0.4914, 0.4822, 0.4465);

    private static final List<Double> DEVIATION = List.of(0.2470, 0.2435, 0.2616);

    private final GraphBuilder builder = new GraphBuilder("cifar10-64");
    private final Seed seed;

    /** Two 3x3 convolutions and a shortcut. */
    private record Block(long channels, long stride) {}

    private UntrainedModel(Seed seed) {
        this.seed = seed;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("Usage: java -cp target/fieldfare.jar tools/UntrainedModel.java OUT.onnx [SEED]");
            System.exit(2);
        }
        Seed seed = new Seed(arguments.length > 1 ? Long.parseLong(arguments[1]) : 7);
        OnnxFile.write(new UntrainedModel(seed).model(), Path.of(arguments[0]));
    }

    private OnnxModel model() throws IOException {
        String y = builder.input(Value.ofFloats("image", 1, 3, SIZE, SIZE));
        y = relu("stem.relu", layer("stem", y, 3, STEM, 3, 2));
        long channels = STEM;
        for (int i = 0; i < BLOCKS.size(); i++) {
            y = block("blocks." + i, y, channels, BLOCKS.get(i));
            channels = BLOCKS.get(i).channels();
        }
        String pooled = builder.apply("pooled", "GlobalAveragePool", List.of(y), Map.of());
        String features = builder.apply("features", "Flatten", List.of(pooled), Map.of("axis", Attribute.of(1)));
        String weight = random("head.weight", 1.0 / channels, LABELS.size(), channels);
        String bias = filled("head.bias", 0, LABELS.size());
        builder.apply("logits", "Gemm", List.of(features, weight, bias), Map.of("transB", Attribute.of(1)));
        builder.output(Value.ofFloats("logits", 1, LABELS.size()));
        return OnnxModel.of(18, builder.build()).withMetadata(Map.of(ModelCard.METADATA_KEY, card()));
    }

    private String block(String name, String x, long channels, Block block) {
        long width = block.channels();
        String first = name + ".conv1";
        String second = name + ".conv2";
        String shortcut = name + ".short";
        String y = relu(name + ".relu", layer(first, x, channels, width, 3, block.stride()));
        y = layer(second, y, width, width, 3, 1);
        String past = x;
        if (block.stride() != 1 || channels != width) {
            past = layer(shortcut, x, channels, width, 1, block.stride());
        }
        return relu(name, builder.apply(name + ".sum", "Add", List.of(y, past), Map.of()));
    }

    /** The value after the normalization has the layer's name: what is left when both are folded into one. */
    private String layer(String name, String x, long inputs, long outputs, long kernel, long stride) {
        return normalized(convolution(name, x, inputs, outputs, kernel, stride), name, outputs);
    }

    private String convolution(String name, String x, long inputs, long outputs, long kernel, long stride) {
        String weight = random(name + ".weight", 2.0 / (inputs * kernel * kernel), outputs, inputs, kernel, kernel);
        long pad = kernel / 2;
        return builder.apply(
                name + ".raw",
                "Conv",
                List.of(x, weight),
                Map.of(
                        "kernel_shape", Attribute.of(new long[] {kernel, kernel}),
                        "strides", Attribute.of(new long[] {stride, stride}),
                        "pads", Attribute.of(new long[] {pad, pad, pad, pad})));
    }

    private String normalized(String x, String name, long channels) {
        return builder.apply(
                name,
                "BatchNormalization",
                List.of(
                        x,
                        filled(name + ".norm.scale", 1, channels),
                        filled(name + ".norm.bias", 0, channels),
                        filled(name + ".norm.mean", 0, channels),
                        filled(name + ".norm.variance", 1, channels)),
                Map.of());
    }

    private String relu(String name, String x) {
        return builder.apply(name, "Relu", List.of(x), Map.of());
    }

    private String random(String name, double variance, long... sizes) {
        // By name, so that a change of one layer leaves the others as they are.
        RandomGenerator random = seed.generator(name);
        float[] elements = new float[elements(sizes)];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) (Math.sqrt(variance) * random.nextGaussian());
        }
        return builder.initializer(name, TensorData.ofFloats(elements, sizes));
    }

    private String filled(String name, float value, long... sizes) {
        float[] elements = new float[elements(sizes)];
        Arrays.fill(elements, value);
        return builder.initializer(name, TensorData.ofFloats(elements, sizes));
    }

    private static int elements(long... sizes) {
        return Math.toIntExact(Arrays.stream(sizes).reduce(1, (a, b) -> a * b));
    }

    private static String card() throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        return json.writeValueAsString(new CardDocument(
                json.valueToTree(LABELS),
                null,
                new CardDocument.Input(json.valueToTree(SIZE), "NCHW", "RGB", "short-side", 1.0, "bilinear"),
                new CardDocument.Normalize(255.0, MEAN, DEVIATION),
                "logits",
                null,
                null));
    }
}

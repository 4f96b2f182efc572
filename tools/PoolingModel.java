import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
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
 * Writes a small untrained network for CIFAR-10, with max pooling by 2 or with fractional max pooling by the square root of
 * 2, for a comparison of the two:
 *
 * <pre>java -cp target/fieldfare.jar tools/PoolingModel.java max|fractional OUT.onnx [SEED]</pre>
 *
 * <p>Convolution, batch normalization, rectifier, pooling, as often as the sides of 32 pixels allow down to 4: three times
 * with max pooling, six times with fractional. Both have the same widths at the same sizes.
 */
final class PoolingModel {
    private static final long SIZE = 32;
    private static final List<String> LABELS =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private final GraphBuilder builder = new GraphBuilder("pooling");
    private final Seed seed;

    private PoolingModel(Seed seed) {
        this.seed = seed;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2 || !List.of("max", "fractional").contains(arguments[0])) {
            System.err.println(
                    "Usage: java -cp target/fieldfare.jar tools/PoolingModel.java max|fractional OUT [SEED]");
            System.exit(2);
        }
        Seed seed = new Seed(arguments.length > 2 ? Long.parseLong(arguments[2]) : 1);
        OnnxModel model = new PoolingModel(seed).model(arguments[0].equals("fractional"));
        OnnxFile.write(model, Path.of(arguments[1]));
    }

    private OnnxModel model(boolean fractional) throws IOException {
        String y = builder.input(Value.ofFloats("image", 1, 3, SIZE, SIZE));
        // Sides 32, 16, 8 or 32, 22, 16, 11, 8, 5.
        long[] widths = fractional ? new long[] {16, 24, 32, 48, 64, 80} : new long[] {16, 32, 64};
        long channels = 3;
        for (int i = 0; i < widths.length; i++) {
            y = layer("layer" + i, y, channels, widths[i]);
            y = fractional ? fractionalPool("pool" + i, y) : maxPool(y);
            channels = widths[i];
        }
        y = layer("last", y, channels, 96);
        String pooled = builder.apply("GlobalAveragePool", List.of(y));
        String features = builder.apply("features", "Flatten", List.of(pooled), Map.of("axis", Attribute.of(1)));
        String weight = random("head.weight", 1.0 / 96, LABELS.size(), 96);
        String bias = filled("head.bias", 0, LABELS.size());
        builder.apply("logits", "Gemm", List.of(features, weight, bias), Map.of("transB", Attribute.of(1)));
        builder.output(Value.ofFloats("logits", 1, LABELS.size()));
        return new OnnxModel(
                8,
                Map.of("", 18L, NoisyModel.DOMAIN, 1L),
                builder.build(),
                Map.of(ModelCard.METADATA_KEY, card()),
                List.of());
    }

    private String layer(String name, String x, long inputs, long outputs) {
        String weight = random(name + ".weight", 2.0 / (inputs * 9), outputs, inputs, 3, 3);
        String y = builder.apply(
                "Conv",
                List.of(x, weight),
                Map.of(
                        "kernel_shape", Attribute.of(new long[] {3, 3}),
                        "pads", Attribute.of(new long[] {1, 1, 1, 1})));
        y = builder.apply(
                "BatchNormalization",
                List.of(
                        y,
                        filled(name + ".scale", 1, outputs),
                        filled(name + ".shift", 0, outputs),
                        filled(name + ".mean", 0, outputs),
                        filled(name + ".variance", 1, outputs)));
        return builder.apply("Relu", List.of(y));
    }

    private String maxPool(String x) {
        long[] two = {2, 2};
        return builder.apply(
                "MaxPool", List.of(x), Map.of("kernel_shape", Attribute.of(two), "strides", Attribute.of(two)));
    }

    private String fractionalPool(String name, String x) {
        builder.add(new Node(
                name,
                NoisyModel.DOMAIN,
                "FractionalMaxPool",
                List.of(x),
                List.of(name),
                Map.of(
                        "ratio", Attribute.of((float) Math.sqrt(2)),
                        "sequence", Attribute.of("pseudorandom"),
                        "overlapping", Attribute.of(1))));
        return name;
    }

    private String random(String name, double variance, long... sizes) {
        RandomGenerator random = seed.generator(name);
        float[] elements = new float[Math.toIntExact(Arrays.stream(sizes).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) (Math.sqrt(variance) * random.nextGaussian());
        }
        return builder.initializer(name, TensorData.ofFloats(elements, sizes));
    }

    private String filled(String name, float value, long... sizes) {
        float[] elements = new float[Math.toIntExact(Arrays.stream(sizes).reduce(1, (a, b) -> a * b))];
        Arrays.fill(elements, value);
        return builder.initializer(name, TensorData.ofFloats(elements, sizes));
    }

    private static String card() throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        return json.writeValueAsString(new CardDocument(
                json.valueToTree(LABELS),
                null,
                new CardDocument.Input(json.valueToTree(SIZE), "NCHW", "RGB", "stretch", 1.0, "bilinear"),
                new CardDocument.Normalize(255.0, List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616)),
                "logits",
                null,
                null));
    }
}

package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TestData;
import dev.fieldfare.TestModels;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parts of a network compute, against what ONNX Runtime makes of the whole. */
class SuffixTest {
    private static final List<String> LABELS = List.of("a", "b", "c");

    @TempDir
    Path folder;

    private static ClassifierModel open(String name) {
        Path file = name.equals("shipped") ? TestModels.shippedFile() : TestData.path("models/" + name + ".onnx");
        return ClassifierModel.open(file, CardDocument.EMPTY);
    }

    private static Depths depths(ClassifierModel model, boolean fold) {
        Trunk trunk = model.trunk();
        return new Depths(trunk, ShapeInference.of(trunk.model()), fold);
    }

    /** A real picture where there is one: noise is not what an eight-bit network was made for. */
    private static float[] picture(String name, ClassifierModel model) throws IOException {
        for (Path file : TestData.list("reference/" + name, "input.f32")) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(values);
            return values;
        }
        return random(model.preprocessing().elements());
    }

    /** All depths of a small network; of a large one the shallowest, the deepest and two between. */
    private static List<Suffix> suffixes(Depths depths) {
        int blocks = depths.blocks();
        return IntStream.rangeClosed(1, blocks)
                .filter(i -> blocks <= 7 || i == 1 || i == blocks || i % 7 == 3)
                .mapToObj(depths::lastBlocks)
                .toList();
    }

    private static float[] random(long elements) {
        RandomGenerator random = new Seed(9).generator("picture");
        float[] values = new float[Math.toIntExact(elements)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Runs a model of one input once; for each of these values, by name, its elements. */
    private static Map<String, float[]> run(OnnxModel model, float[] input, Map<String, Shape> wanted) {
        Value first = model.graph().inputs().getFirst();
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        wanted.forEach((name, shape) -> outputs.put(name, Tensor.zeros(shape)));
        try (Session session = Session.open("the test", model, SessionSettings.ofThreads(1));
                Tensor given = Tensor.of(input, first.shape().sizes())) {
            session.run(Map.of(first.name(), given), outputs);
            Map<String, float[]> results = new LinkedHashMap<>();
            outputs.forEach((name, tensor) -> results.put(name, tensor.toArray()));
            return results;
        } finally {
            outputs.values().forEach(Tensor::close);
        }
    }

    private static float[] run(OnnxModel model, float[] input, String output, long... sizes) {
        return run(model, input, Map.of(output, Shape.of(sizes))).get(output);
    }

    /** Everything before the classifier in one run: the features, and the values at these cuts. */
    private static Map<String, float[]> whole(ClassifierModel model, float[] picture, List<Suffix> suffixes) {
        OnnxModel trunk = model.trunk().model();
        GraphBuilder builder = GraphBuilder.from(trunk.graph());
        Map<String, Shape> wanted = new LinkedHashMap<>();
        for (Suffix suffix : suffixes) {
            wanted.put(suffix.features(), Shape.of(1, suffix.width()));
            if (!suffix.cut().equals(model.inputName())) {
                wanted.put(suffix.cut(), suffix.shape());
            }
        }
        builder.setOutputs(wanted.entrySet().stream()
                .map(entry -> new Value(entry.getKey(), ElementType.FLOAT, entry.getValue()))
                .toList());
        Map<String, float[]> values = new HashMap<>(run(trunk.withGraph(builder.build()), picture, wanted));
        values.put(model.inputName(), picture);
        return values;
    }

    /** Length of the difference by the length of what is expected. */
    private static double difference(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double squares = 0;
        double all = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += Math.pow(expected[i] - actual[i], 2);
            all += Math.pow(expected[i], 2);
        }
        assertTrue(all > 0, "nothing but zeros is compared");
        return Math.sqrt(squares / all);
    }

    /** Behind each cut the suffix makes the same features of the value there as the network itself. */
    @ParameterizedTest
    @CsvSource({
        "shipped, 1e-5",
        "resnet8_cifar10_bn, 1e-5",
        "mnist-8, 1e-5",
        "tribuo_cnn_mnist, 1e-5",
        "squeezenet1.0-deepcompressed-fp32, 1e-5",
        // Rounded to 8 bits after every layer by the network, and not by the suffix: a twentieth after one block, and
        // 0.15 for all of them.
        "mobilenetv2-12-qdq, 0.2"
    })
    void computesWhatTheNetworkComputes(String name, double tolerance) throws IOException {
        ClassifierModel model = open(name);
        List<Suffix> suffixes = suffixes(depths(model, true));
        float[] picture = picture(name, model);
        Map<String, float[]> values = whole(model, picture, suffixes);
        Map<String, Double> differences = new LinkedHashMap<>();
        for (Suffix suffix : suffixes) {
            float[] cut = values.get(suffix.cut());
            float[] features = run(suffix.forward(1), cut, suffix.features(), 1, suffix.width());
            differences.put(suffix.cut(), difference(values.get(suffix.features()), features));
        }
        assertTrue(
                differences.values().stream().allMatch(difference -> difference < tolerance), differences.toString());
    }

    /** The trunk before a cut ends there. Before the whole network there is none. */
    @ParameterizedTest
    @ValueSource(strings = {"shipped", "resnet8_cifar10_bn", "mnist-8", "tribuo_cnn_mnist", "mobilenetv2-12-qdq"})
    void theTrunkComputesTheCut(String name) {
        ClassifierModel model = open(name);
        List<Suffix> suffixes = suffixes(depths(model, true));
        float[] picture = random(model.preprocessing().elements());
        Map<String, float[]> values = whole(model, picture, suffixes);
        for (Suffix suffix : suffixes) {
            Trunk trunk = model.trunk(suffix);
            assertEquals(suffix.cut(), trunk.features());
            if (suffix.cut().equals(model.inputName())) {
                assertEquals(List.of(), trunk.model().graph().nodes());
                continue;
            }
            float[] cut =
                    run(trunk.model(), picture, suffix.cut(), suffix.shape().sizes());
            // Kernels of 8 bits may be fused differently.
            double tolerance = name.endsWith("qdq") ? 0.05 : 1e-5;
            assertTrue(difference(values.get(suffix.cut()), cut) < tolerance, suffix.cut());
        }
    }

    /** Normalizations that are not folded compute the same. */
    @Test
    void normalizationsAreFoldedOnlyOnRequest() {
        ClassifierModel model = open("resnet8_cifar10_bn");
        Suffix folded = depths(model, true).all();
        Suffix plain = depths(model, false).all();
        assertFalse(has(folded, "BatchNormalization"));
        assertTrue(has(plain, "BatchNormalization"));
        float[] picture = random(model.preprocessing().elements());
        float[] expected = run(plain.forward(1), picture, plain.features(), 1, plain.width());
        float[] actual = run(folded.forward(1), picture, folded.features(), 1, folded.width());
        assertTrue(difference(expected, actual) < 1e-5);
        // Scale and shift can be trained, and statistics are among the weights that a training begins with.
        assertTrue(plain.parameters().stream()
                .map(Parameter::name)
                .toList()
                .containsAll(List.of("batch_normalization.scale", "batch_normalization.B")));
        assertTrue(plain.weights().containsKey("batch_normalization.mean"));
        assertTrue(plain.parameters().stream()
                .noneMatch(parameter -> parameter.name().endsWith(".var")));
    }

    private static boolean has(Suffix suffix, String operator) {
        return suffix.stored().graph().nodes().stream().anyMatch(node -> node.is(operator));
    }

    /** Files say of themselves that they take one picture; the suffix takes a batch of three as three pictures. */
    @ParameterizedTest
    @ValueSource(strings = {"shipped", "resnet8_cifar10_bn", "mnist-8", "tribuo_cnn_mnist"})
    void aBatchIsItsPicturesOneByOne(String name) {
        for (Suffix suffix : suffixes(depths(open(name), true))) {
            int elements = Math.toIntExact(suffix.shape().elements());
            float[] batch = random(3L * elements);
            float[] expected = new float[3 * suffix.width()];
            for (int i = 0; i < 3; i++) {
                float[] one = Arrays.copyOfRange(batch, i * elements, (i + 1) * elements);
                float[] row = run(suffix.forward(1), one, suffix.features(), 1, suffix.width());
                System.arraycopy(row, 0, expected, i * row.length, row.length);
            }
            float[] actual = run(suffix.forward(3), batch, suffix.features(), 3, suffix.width());
            assertTrue(difference(expected, actual) < 1e-5, suffix.cut());
        }
    }

    /** The values of all parameters, each changed a little, as if by training. */
    private static Map<String, FloatBuffer> changed(Suffix suffix) {
        RandomGenerator random = new Seed(4).generator("changes");
        Map<String, FloatBuffer> changed = new LinkedHashMap<>();
        for (Parameter parameter : suffix.parameters()) {
            FloatBuffer values = suffix.weights().get(parameter.name());
            FloatBuffer other = FloatBuffer.allocate(values.remaining());
            while (values.hasRemaining()) {
                other.put((float) (values.get() * (1 + 0.1 * random.nextGaussian()) + 0.01 * random.nextGaussian()));
            }
            changed.put(parameter.name(), other.flip());
        }
        return changed;
    }

    private ClassifierModel written(ClassifierModel model, Suffix suffix, float[] weight, float[] bias) {
        Path file = folder.resolve("retrained.onnx");
        OnnxFile.write(
                model.retrained(suffix, LABELS, new LastLayer(weight, bias), Optional.empty(), Map.of("seed", 1)),
                file);
        return ClassifierModel.open(file, CardDocument.EMPTY);
    }

    /** A file of a retrained model computes what trunk, trained suffix and trained layer compute one after another. */
    private void theFileComputesWhatWasTrained(ClassifierModel model, Suffix suffix) {
        Suffix trained = suffix.with(changed(suffix));
        int width = suffix.width();
        float[] weight = random(3L * width);
        float[] bias = {1, -2, 3};
        ClassifierModel again = written(model, trained, weight, bias);
        assertEquals(LABELS, again.labels());
        assertEquals(
                OnnxFile.read(model.file()).operatorSets(),
                OnnxFile.read(again.file()).operatorSets());

        float[] picture = random(model.preprocessing().elements());
        float[] cut = suffix.cut().equals(model.inputName())
                ? picture
                : run(
                        model.trunk(suffix).model(),
                        picture,
                        suffix.cut(),
                        suffix.shape().sizes());
        float[] before = run(suffix.forward(1), cut, suffix.features(), 1, width);
        float[] features = run(trained.forward(1), cut, suffix.features(), 1, width);
        assertTrue(suffix.parameters().isEmpty() || difference(before, features) > 1e-3, "nothing was changed");
        float[] expected = bias.clone();
        for (int i = 0; i < weight.length; i++) {
            expected[i / width] += weight[i] * features[i % width];
        }
        float[] actual = run(again.forOnePicture(), picture, again.outputName(), 1, 3);
        if (again.card().output() == ModelCard.Output.PROBABILITIES) {
            double sum = 0;
            for (float logit : expected) {
                sum += Math.exp(logit);
            }
            for (int i = 0; i < 3; i++) {
                expected[i] = (float) (Math.exp(expected[i]) / sum);
            }
        }
        assertTrue(difference(expected, actual) < 1e-4, Arrays.toString(expected) + Arrays.toString(actual));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shipped",
                "resnet8_cifar10_bn",
                "mnist-8",
                "tribuo_cnn_mnist",
                "squeezenet1.0-deepcompressed-fp32",
                "mobilenetv2-12-qdq"
            })
    void theFileComputesWhatWasTrained(String name) {
        ClassifierModel model = open(name);
        Depths depths = depths(model, true);
        List<Suffix> suffixes = new ArrayList<>(List.of(depths.lastBlocks(1), depths.all()));
        if (depths.blocks() <= 7) {
            suffixes.add(depths.lastBlocks(2));
        }
        suffixes.forEach(suffix -> theFileComputesWhatWasTrained(model, suffix));
    }

    /** What the trunk reads, too, must stay as it is; the file then holds it once. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        a layer used twice                | 2 | h.weight h.bias | a conv3:3 x; b relu a; c conv3=a b; d relu c; h conv3:4 d
        all of a layer used twice         | 3 | a.weight a.bias h.weight h.bias | a conv3:3 x; b relu a; c conv3=a b; d relu c; h conv3:4 d
        a constant node used twice        | 1 | d.weight d.bias | k constant:4; a conv3:4 x; b add a k; c relu b; d conv3:4 c; h add d k
        a constant node used here only    | 1 | d.weight d.bias k | k constant:4; a conv3:4 x; c relu a; d conv3:4 c; h add d k
        normalized apart                  | 2 | n.scale n.bias h.weight h.bias | a conv3:3 x; b relu a; c conv3=a b; n normalize c; d relu n; h conv3:4 d
        a normalization of what is shared | 3 | m.scale m.bias n.scale n.bias a.weight a.bias h.weight h.bias | a conv3:3 x; m normalize a; b relu m; c conv3=a b; n normalize c; d relu n; h conv3:4 d
        """)
    void whatTheTrunkReadsIsFrozen(String name, int blocks, String trained, String network) {
        ClassifierModel model =
                TextNetwork.classifier(network + "; e gap h; f flatten e; g gemm:2 f", folder.resolve("text.onnx"));
        Suffix suffix = depths(model, true).lastBlocks(blocks);
        assertEquals(
                Set.of(trained.split(" ")),
                suffix.parameters().stream().map(Parameter::name).collect(Collectors.toSet()));
        theFileComputesWhatWasTrained(model, suffix);
    }

    /** From a value that is stored in 8 bits nothing can be trained: the cut is the float value before it. */
    @Test
    void aQuantizedValueIsNoCut() {
        ClassifierModel model = open("mobilenetv2-12-qdq");
        Depths depths = depths(model, true);
        Trunk trunk = model.trunk();
        List<Node> quantized = trunk.model().graph().nodes().stream()
                .filter(node -> node.is("DequantizeLinear"))
                .filter(node -> trunk.model().graph().producers().containsKey(node.input(0)))
                .toList()
                .reversed();
        for (Node node : quantized.subList(0, 4)) {
            theFileComputesWhatWasTrained(model, depths.from(node.output(0)));
        }
    }

    @Test
    void whatDoesNotFitIsAMistakeOfOurs() {
        Suffix suffix = depths(open("shipped"), true).lastBlocks(1);
        String name = suffix.parameters().getFirst().name();
        var refused =
                assertThrows(IllegalArgumentException.class, () -> suffix.with(Map.of(name, FloatBuffer.allocate(7))));
        assertTrue(refused.getMessage().contains(name) && refused.getMessage().contains("7"), refused.getMessage());
        assertThrows(NullPointerException.class, () -> suffix.with(Map.of("nothing", FloatBuffer.allocate(7))));
    }
}

package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestData;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.autodiff.Differentiation;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fractional max pooling against PyTorch, against its definition, and against differences. */
class FractionalMaxPoolTest {
    private static OnnxModel node(Map<String, Attribute> attributes, long operatorSet, long... sizes) {
        GraphBuilder builder = new GraphBuilder("pool");
        builder.input(Value.ofFloats("x", sizes));
        builder.add(new Node("pool", NoisyModel.DOMAIN, "FractionalMaxPool", List.of("x"), List.of("y"), attributes));
        builder.output(new Value("y", ElementType.FLOAT, null));
        return new OnnxModel(8, Map.of("", operatorSet, NoisyModel.DOMAIN, 1L), builder.build(), Map.of(), List.of());
    }

    private static NoisyModel pool(Map<String, Attribute> attributes, long... sizes) {
        return NoisyModel.of(node(attributes, Differentiation.OPERATOR_SET, sizes), ShapeInference::of);
    }

    private static Attribute ints(long... values) {
        return Attribute.of(values);
    }

    /** {@code y}, and where weights are given the gradient of the sum of weights times {@code y} by {@code x}. */
    private static List<float[]> run(NoisyModel noisy, Map<String, float[]> inputs, float[] weights) {
        Map<String, Shape> shapes = ShapeInference.of(noisy.model());
        Shape y = shapes.get("y");
        Shape x = shapes.get("x");
        GraphBuilder builder = GraphBuilder.from(noisy.model().graph());
        builder.input(new Value("weights", ElementType.FLOAT, y));
        String weighted = builder.apply("Mul", List.of("y", "weights"));
        String loss = builder.apply("ReduceSum", List.of(weighted), Map.of("keepdims", Attribute.of(0)));
        String gradient = Differentiation.gradients(
                        builder, ShapeInference.of(noisy.model().withGraph(builder.build())), loss, List.of("x"))
                .get("x");
        builder.setOutputs(List.of(new Value("y", ElementType.FLOAT, y), new Value(gradient, ElementType.FLOAT, x)));
        Map<String, float[]> all = new LinkedHashMap<>(inputs);
        all.put("weights", weights);
        Map<String, float[]> outputs = run(noisy.model().withGraph(builder.build()), all);
        return List.of(outputs.get("y"), outputs.get(gradient));
    }

    private static Map<String, float[]> run(OnnxModel model, Map<String, float[]> inputs) {
        Map<String, Tensor> given = new LinkedHashMap<>();
        Map<String, Tensor> pinned = new LinkedHashMap<>();
        Map<String, float[]> outputs = new LinkedHashMap<>();
        try (Session session = Session.open("test", model, SessionSettings.ofThreads(1))) {
            long batch = -1;
            for (Value input : model.graph().requiredInputs()) {
                float[] elements = Objects.requireNonNull(inputs.get(input.name()), input.name());
                Shape shape = Objects.requireNonNull(input.shape());
                if (!shape.isFixed()) {
                    batch = elements.length / shape.with(0, 1).elements();
                    shape = shape.with(0, batch);
                }
                given.put(input.name(), Tensor.of(elements, shape.sizes()));
            }
            for (Map.Entry<String, Shape> output : session.outputShapes().entrySet()) {
                Shape shape = output.getValue();
                pinned.put(output.getKey(), Tensor.zeros(shape.isFixed() ? shape : shape.with(0, batch)));
            }
            session.run(given, pinned);
            pinned.forEach((name, tensor) -> outputs.put(name, tensor.toArray()));
        } finally {
            given.values().forEach(Tensor::close);
            pinned.values().forEach(Tensor::close);
        }
        return outputs;
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static long[] longs(JsonNode array) {
        long[] values = new long[array.size()];
        Arrays.setAll(values, i -> array.get(i).asLong());
        return values;
    }

    @Test
    void equalsPyTorch() throws IOException {
        JsonNode cases = JsonMapper.builder()
                .build()
                .readTree(Files.readString(TestData.path("fmp/torch_fractional_max_pool2d.json")))
                .get("cases");
        assertEquals(32, cases.size());
        for (JsonNode test : cases) {
            String what = test.get("kind") + " " + test.get("in_shape");
            long[] sizes = longs(test.get("in_shape"));
            NoisyModel noisy = pool(
                    Map.of(
                            "sequence",
                            Attribute.of("interval"),
                            "kernel_shape",
                            ints(longs(test.get("kernel"))),
                            "output_size",
                            ints(longs(test.get("out")))),
                    sizes);
            float[] x = floats(test.get("input"));
            Map<String, float[]> inputs = new LinkedHashMap<>(Map.of("x", x));
            float[] samples = floats(test.get("samples_WH"));
            for (int axis = 0; axis < 2; axis++) {
                NoiseInput z = noisy.inputs().get(axis);
                PoolingRegions regions = (PoolingRegions) z.noise();
                FloatBuffer buffer =
                        FloatBuffer.allocate(Math.toIntExact(z.shape().elements()));
                for (int i = axis; i < samples.length; i += 2) {
                    regions.intervals(buffer, samples[i]);
                }
                assertFalse(buffer.hasRemaining());
                inputs.put(z.name(), buffer.array());
            }
            List<float[]> outputs = run(noisy, inputs, floats(test.get("grad_out")));
            assertArrayEquals(floats(test.get("output")), outputs.get(0), what);
            assertArrayEquals(floats(test.get("grad_in")), outputs.get(1), 1e-6f, what);
            // Where each maximum lies, told by weights of which no two sums of a few are equal.
            long[] indices = longs(test.get("indices"));
            float[] weights = new float[indices.length];
            float[] expected = new float[x.length];
            int plane = Math.toIntExact(sizes[2] * sizes[3]);
            int pooled = Math.toIntExact(indices.length / (sizes[0] * sizes[1]));
            RandomGenerator random = new Seed(1).generator(what);
            for (int i = 0; i < indices.length; i++) {
                weights[i] = random.nextFloat(1, 2);
                expected[i / pooled * plane + (int) indices[i]] += weights[i];
            }
            assertArrayEquals(expected, run(noisy, inputs, weights).get(1), 1e-5f, what);
        }
    }

    /** The maximum of every region as Graham writes regions, each picture with its own; the first one has the gradient. */
    @ParameterizedTest
    @CsvSource({
        "pseudorandom, 0, 9, 13, 6, 10",
        "pseudorandom, 1, 9, 13, 6, 10",
        "random, 0, 12, 9, 7, 5",
        "random, 1, 12, 9, 7, 5",
        "random, 1, 10, 8, 5, 7",
        "pseudorandom, 0, 8, 8, 8, 4",
        "random, 0, 11, 7, 3, 2"
    })
    void equalsTheDefinition(String sequence, long overlapping, int height, int width, int down, int across) {
        int batch = 3;
        int channels = 2;
        NoisyModel noisy = pool(
                Map.of(
                        "sequence",
                        Attribute.of(sequence),
                        "overlapping",
                        Attribute.of(overlapping),
                        "output_size",
                        ints(down, across)),
                batch,
                channels,
                height,
                width);
        RandomGenerator random = new Seed(8).generator(sequence);
        float[] x = new float[batch * channels * height * width];
        for (int i = 0; i < x.length; i++) {
            // Few values, so many regions have several equal maxima.
            x[i] = random.nextInt(-3, 3);
        }
        float[] weights = new float[batch * channels * down * across];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat(-1, 1);
        }
        Map<String, float[]> inputs = new LinkedHashMap<>(Map.of("x", x));
        inputs.putAll(drawn(noisy, batch, new Seed(4)));
        float[] y = new float[weights.length];
        float[] gradient = new float[x.length];
        float[] columns = inputs.get("z/y/columns");
        float[] rows = inputs.get("z/y/rows");
        for (int i = 0; i < y.length; i++) {
            int picture = i / (channels * down * across);
            int row = i / across % down;
            int column = i % across;
            int best = -1;
            for (int r = first(rows, batch, down, picture, row); r <= last(rows, batch, down, picture, row); r++) {
                int end = last(columns, batch, across, picture, column);
                for (int c = first(columns, batch, across, picture, column); c <= end; c++) {
                    int at = (i / (down * across) * height + r) * width + c;
                    best = best < 0 || x[at] > x[best] ? at : best;
                }
            }
            y[i] = x[best];
            gradient[best] += weights[i];
        }
        List<float[]> outputs = run(noisy, inputs, weights);
        assertArrayEquals(y, outputs.get(0));
        assertArrayEquals(gradient, outputs.get(1), 1e-5f);
    }

    private static int first(float[] z, int batch, int regions, int picture, int region) {
        return (int) z[picture * (z.length / batch) + region];
    }

    private static int last(float[] z, int batch, int regions, int picture, int region) {
        return (int) z[(picture + 1) * (z.length / batch) - regions + region];
    }

    private static Map<String, float[]> drawn(NoisyModel noisy, int batch, Seed seed) {
        Map<String, float[]> drawn = new LinkedHashMap<>();
        for (NoiseInput input : noisy.inputs()) {
            FloatBuffer z = FloatBuffer.allocate(Math.toIntExact(input.shape().elements()));
            for (int picture = 0; picture < batch; picture++) {
                input.draw(z, seed, picture);
            }
            drawn.put(input.name(), z.array());
        }
        return drawn;
    }

    /** No two elements are closer than the step, which is a power of two as they are: the difference is exact. */
    @Test
    void equalsTheCentralDifference() {
        NoisyModel noisy = pool(
                Map.of(
                        "ratio",
                        Attribute.of(1.4f),
                        "overlapping",
                        Attribute.of(1L),
                        "sequence",
                        Attribute.of("random")),
                2,
                2,
                7,
                9);
        assertEquals(
                Shape.of(2, 2, 5, 6), ShapeInference.of(noisy.model()).get("y"), "floor(7 / 1.4) and floor(9 / 1.4)");
        RandomGenerator random = new Seed(2).generator("difference");
        int[] order = Noises.permutation(2 * 2 * 7 * 9, random);
        float[] x = new float[order.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = order[i] / 8f;
        }
        float[] weights = new float[2 * 2 * 5 * 6];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat(-1, 1);
        }
        Map<String, float[]> inputs = new LinkedHashMap<>(drawn(noisy, 2, new Seed(3)));
        inputs.put("x", x);
        float[] gradient = run(noisy, inputs, weights).get(1);
        float step = 1 / 32f;
        Map<String, Tensor> given = new LinkedHashMap<>();
        inputs.forEach((name, elements) -> given.put(
                name,
                Tensor.of(
                        elements,
                        Objects.requireNonNull(ShapeInference.of(noisy.model()).get(name))
                                .sizes())));
        try (Session session = Session.open("differences", noisy.model(), SessionSettings.ofThreads(1));
                Tensor y = Tensor.zeros(2, 2, 5, 6)) {
            for (int i = 0; i < x.length; i++) {
                double difference = 0;
                for (int sign = -1; sign <= 1; sign += 2) {
                    given.get("x").elements().put(i, x[i] + sign * step);
                    session.run(given, Map.of("y", y));
                    for (int k = 0; k < weights.length; k++) {
                        difference += sign * (double) weights[k] * y.elements().get(k) / (2 * step);
                    }
                }
                given.get("x").elements().put(i, x[i]);
                assertEquals(difference, gradient[i], 1e-5, "element " + i);
            }
        } finally {
            given.values().forEach(Tensor::close);
        }
    }

    private static OnnxModel network(long batch) {
        OnnxModel model =
                TextNetwork.of("a conv3:4 x; b relu a; p fractional:6 b; c conv3:5 p; q fractional:4 c; d gap q");
        GraphBuilder builder = GraphBuilder.from(model.graph());
        Shape.Dimension open = new Shape.Dimension(batch, batch < 0 ? "N" : "");
        List<Shape.Dimension> sizes = new ArrayList<>(List.of(open));
        sizes.addAll(Shape.of(3, TextNetwork.SIDE, TextNetwork.SIDE).dimensions());
        builder.setInputs(List.of(new Value("x", ElementType.FLOAT, new Shape(sizes))));
        return model.withGraph(builder.build());
    }

    private static float[] pictures(int count) {
        RandomGenerator random = new Seed(6).generator("pictures");
        float[] x = new float[count * 3 * TextNetwork.SIDE * TextNetwork.SIDE];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat(-1, 1);
        }
        return x;
    }

    @Test
    void everyLayerOfANetworkHasItsOwnRegions() {
        NoisyModel noisy = NoisyModel.of(network(2), ShapeInference::of);
        assertEquals(
                List.of("z/p/columns", "z/p/rows", "z/q/columns", "z/q/rows"),
                noisy.inputs().stream().map(NoiseInput::name).toList());
        assertEquals(Shape.of(2, 1, 1, 2 * 6), noisy.inputs().getFirst().shape());
        assertEquals(Set.of(), NoisyModel.noises(noisy.model().graph()));
        assertEquals(List.of(""), List.copyOf(noisy.model().operatorSets().keySet()));
        Map<String, float[]> inputs = new LinkedHashMap<>(Map.of("x", pictures(2)));
        inputs.putAll(drawn(noisy, 2, new Seed(1)));
        float[] one = run(noisy.model(), inputs).get("d");
        inputs.putAll(drawn(noisy, 2, new Seed(2)));
        float[] other = run(noisy.model(), inputs).get("d");
        assertEquals(10, one.length);
        assertFalse(Arrays.equals(one, other), "other regions, other maxima");
    }

    /** What is drawn once serves pictures in any number, each as if it were alone. */
    @Test
    void settledRegionsServeEveryBatch() {
        OnnxModel settled = NoisyModel.settled(network(-1), ShapeInference::of);
        assertEquals(List.of(""), List.copyOf(settled.operatorSets().keySet()));
        assertEquals(
                List.of("x"), settled.graph().inputs().stream().map(Value::name).toList());
        float[] x = pictures(3);
        float[] together = run(settled, Map.of("x", x)).get("d");
        assertEquals(15, together.length);
        NoisyModel noisy = NoisyModel.of(network(1), ShapeInference::of);
        for (int i = 0; i < 3; i++) {
            float[] own = Arrays.copyOfRange(x, i * x.length / 3, (i + 1) * x.length / 3);
            float[] alone = run(settled, Map.of("x", own)).get("d");
            assertArrayEquals(Arrays.copyOfRange(together, 5 * i, 5 * i + 5), alone, 1e-6f);
            Map<String, float[]> inputs = new LinkedHashMap<>(Map.of("x", own));
            for (NoiseInput input : noisy.inputs()) {
                FloatBuffer z = FloatBuffer.allocate(input.elements());
                input.draw(z, new Seed(0));
                inputs.put(input.name(), z.array());
            }
            assertArrayEquals(run(noisy.model(), inputs).get("d"), alone, 1e-6f);
        }
        float[] other = run(NoisyModel.settled(network(-1), ShapeInference::of, Draw.of(new Seed(9))), Map.of("x", x))
                .get("d");
        assertFalse(Arrays.equals(together, other), "another seed, other regions");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
        output_size=5,5 kernel=2;                       unknown;      attribute kernel is not known; there are kernel_shape
        output_size=5,5 sequence=regular;               sequence;     attribute sequence is 'regular'; expected one of pseudorandom, random, interval
        output_size=5,5 overlapping=2;                  overlapping;  attribute overlapping is 2; expected 0 or 1
        output_size=5,5 sequence=interval;              kernel;       attribute kernel_shape is missing
        output_size=5,5 kernel_shape=2,2;               kernel;       attribute kernel_shape is for the sequence 'interval' only
        output_size=5,5 sequence=interval kernel_shape=2,2 overlapping=1; both; attribute overlapping must be 0
        sequence=random;                                none;         attribute output_size or ratio is missing
        output_size=5,5 ratio=1.5;                      both;         attribute output_size and ratio are both there
        output_size=5;                                  one;          attribute output_size is [5]; expected two positive numbers
        output_size=0,5;                                zero;         attribute output_size is [0, 5]; expected two positive numbers
        output_size=9,5;                                large;        attribute output_size gives 9 rows of 8; expected 1 to 8
        output_size=5,9 overlapping=1;                  large;        attribute output_size gives 9 columns of 9; expected 1 to 8
        output_size=7,8 sequence=interval kernel_shape=3,2; large;    attribute output_size gives 7 rows of 8; expected 1 to 6
        output_size=1,1 sequence=interval kernel_shape=9,2; kernel;   attribute output_size gives 1 rows of 8, which are too few
        ratio=1;                                        ratio;        attribute ratio has another type; expected a float
        ratio=2.5;                                      ratio;        attribute ratio is 2.5; expected more than 1, at most 2
        ratio=1.0;                                      ratio;        attribute ratio is 1.0; expected more than 1, at most 2
        sequence=3 output_size=5,5;                     type;         attribute sequence has another type; expected a text
        """)
    void slipsAreNamed(String attributes, String what, String message) {
        Map<String, Attribute> parsed = new LinkedHashMap<>();
        for (String word : attributes.split(" ")) {
            String[] pair = word.split("=");
            parsed.put(pair[0], attribute(pair[1], pair[0].endsWith("e") && pair[0].contains("_")));
        }
        var refused = assertThrows(FieldfareException.class, () -> pool(parsed, 1, 2, 8, 9), what);
        assertTrue(
                refused.getMessage().startsWith("the FractionalMaxPool node 'pool': " + message), refused.getMessage());
    }

    private static Attribute attribute(String text, boolean list) {
        if (list) {
            return ints(
                    Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray());
        }
        if (text.matches("\\d+")) {
            return Attribute.of(Long.parseLong(text));
        }
        return text.matches("[\\d.]+") ? Attribute.of(Float.parseFloat(text)) : Attribute.of(text);
    }

    /** In float32, 12 / 1.2 is 10. */
    @Test
    void ratiosAreNotOneShort() {
        NoisyModel noisy = pool(Map.of("ratio", Attribute.of(1.2f)), 1, 1, 12, 24);
        assertEquals(Shape.of(1, 1, 10, 20), ShapeInference.of(noisy.model()).get("y"));
    }

    @Test
    void otherShapesAndOldOperatorSetsAreRefused() {
        Map<String, Attribute> attributes = Map.of("output_size", ints(5, 5));
        var flat = assertThrows(FieldfareException.class, () -> pool(attributes, 1, 8, 9));
        assertTrue(flat.getMessage().contains("of shape [1 x 8 x 9]; expected [batch x channels"), flat.getMessage());
        var old = assertThrows(
                FieldfareException.class, () -> NoisyModel.of(node(attributes, 10, 1, 1, 8, 9), ShapeInference::of));
        assertTrue(old.getMessage().contains("needs operator set 11 or later beside it, but the model has 10"));
        float[] y = run(
                        NoisyModel.settled(node(attributes, 11, 1, 1, 8, 9), ShapeInference::of),
                        Map.of("x", new float[72]))
                .get("y");
        assertEquals(25, y.length);
    }
}

package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against ONNX Runtime's own convolution with strides, and its gradients by the rules for it. */
class PolyphaseTest {
    private static final List<String> WANTED = List.of("x", "expand", "expandBias", "weight");
    private static final int CHANNELS = 6;

    /**
     * A 1 x 1 convolution, its activation, and a depthwise convolution of stride 2.
     *
     * @param pads top, left, bottom, right
     */
    private static Graph block(long height, long width, long kernel, boolean bias, long... pads) {
        GraphBuilder builder = new GraphBuilder("block");
        builder.input(Value.ofFloats("x", 2, 3, height, width));
        builder.input(Value.ofFloats("expand", CHANNELS, 3, 1, 1));
        builder.input(Value.ofFloats("expandBias", CHANNELS));
        builder.input(Value.ofFloats("weight", CHANNELS, 1, kernel, kernel));
        String wide = builder.apply("Conv", List.of("x", "expand", "expandBias"));
        String clipped = builder.apply("Clip", List.of(wide, builder.constant(0f), builder.constant(1f)));
        List<String> operands = bias ? List.of(clipped, "weight", "bias") : List.of(clipped, "weight");
        if (bias) {
            builder.input(Value.ofFloats("bias", CHANNELS));
        }
        builder.apply(
                "y",
                "Conv",
                operands,
                Map.of(
                        "group", Attribute.of(CHANNELS),
                        "strides", Attribute.of(new long[] {2, 2}),
                        "pads", Attribute.of(pads)));
        long[] output = {
            2, CHANNELS, (height + pads[0] + pads[2] - kernel) / 2 + 1, (width + pads[1] + pads[3] - kernel) / 2 + 1
        };
        builder.input(Value.ofFloats("share", output));
        String shares = builder.apply("Mul", List.of("y", "share"));
        builder.apply("loss", "ReduceSum", List.of(shares), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("y", output));
        builder.output(new Value("loss", ElementType.FLOAT, Shape.of()));
        return builder.build();
    }

    private static Map<String, double[]> results(Graph graph, Map<String, Shape> shapes, Map<String, double[]> inputs)
            throws Exception {
        GraphBuilder builder = GraphBuilder.from(graph);
        Map<String, String> gradients = Differentiation.gradients(builder, shapes, "loss", WANTED);
        gradients.forEach((wanted, gradient) -> builder.output(new Value(gradient, ElementType.FLOAT, null)));
        try (TestSession session = new TestSession(builder.build())) {
            Map<String, double[]> values = session.run(inputs);
            Map<String, double[]> results = new LinkedHashMap<>();
            results.put("y", Objects.requireNonNull(values.get("y")));
            gradients.forEach((wanted, gradient) ->
                    results.put("gradient by " + wanted, Objects.requireNonNull(values.get(gradient))));
            return results;
        }
    }

    private static Map<String, double[]> inputs(Graph graph) {
        RandomGenerator random = new Seed(7).generator("polyphase");
        Map<String, double[]> inputs = new HashMap<>();
        for (Value input : graph.inputs()) {
            inputs.put(
                    input.name(),
                    random.doubles(Objects.requireNonNull(input.shape()).elements(), -1, 1)
                            .toArray());
        }
        return inputs;
    }

    private static boolean hasStrides(Graph graph) {
        return graph.nodes().stream()
                .anyMatch(node -> LongStream.of(node.integers("strides")).anyMatch(stride -> stride > 1));
    }

    @ParameterizedTest(name = "{0} x {1}, kernel {2}, bias: {3}, pads {4} {5} {6} {7}")
    @CsvSource({
        "28, 28, 3, true, 0, 0, 1, 1", // as TensorFlow pads
        "28, 30, 3, true, 1, 1, 1, 1", // as PyTorch does
        "30, 28, 3, false, 1, 0, 0, 1",
        "28, 28, 5, true, 2, 2, 2, 2",
        "28, 28, 5, true, 1, 1, 2, 2",
        "28, 28, 7, false, 3, 3, 3, 3",
        "28, 28, 2, true, 0, 0, 0, 0",
    })
    void computesTheSame(
            long height, long width, long kernel, boolean bias, long top, long left, long bottom, long right)
            throws Exception {
        Graph graph = block(height, width, kernel, bias, top, left, bottom, right);
        Map<String, Shape> shapes = TestSession.shapes(graph);
        Polyphase polyphase = Polyphase.of(graph, shapes, WANTED);
        assertTrue(hasStrides(graph));
        assertEquals(false, hasStrides(polyphase.graph()));

        Map<String, double[]> inputs = inputs(graph);
        Map<String, double[]> expected = results(graph, shapes, inputs);
        Map<String, double[]> actual = results(polyphase.graph(), polyphase.shapes(), inputs);
        expected.forEach((name, values) -> {
            double[] computed = Objects.requireNonNull(actual.get(name));
            assertEquals(values.length, computed.length, name);
            for (int i = 0; i < values.length; i++) {
                assertEquals(values[i], computed[i], 2e-5 * (1 + Math.abs(values[i])), name + "[" + i + "]");
            }
        });
    }

    /** The new shapes are those that ONNX Runtime infers. */
    @Test
    void knowsTheShapesOfNewValues() throws Exception {
        Graph graph = block(28, 32, 3, true, 0, 0, 1, 1);
        Polyphase polyphase = Polyphase.of(graph, TestSession.shapes(graph), WANTED);
        Map<String, Shape> inferred = TestSession.shapes(polyphase.graph());
        for (Node node : polyphase.graph().nodes()) {
            for (String output : node.outputs()) {
                assertEquals(inferred.get(output), polyphase.shapes().get(output), output);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "29, 28, 3, 0, 0", // odd rows make phases of different heights
        "28, 28, 3, 0, 0", // the last row is left unread
        "14, 14, 3, 0, 1", // small: slower in parts
        "28, 28, 1, 0, 0", // a kernel of one position reads one phase only
    })
    void leavesOthersAlone(long height, long width, long kernel, long begin, long end) throws Exception {
        Graph graph = block(height, width, kernel, true, begin, begin, end, end);
        assertEquals(
                graph.nodes(),
                Polyphase.of(graph, TestSession.shapes(graph), WANTED).graph().nodes());
    }

    /** With constant weights ONNX Runtime has faster kernels. */
    @Test
    void leavesWhatIsNotTrained() throws Exception {
        Graph graph = block(28, 28, 3, true, 0, 0, 1, 1);
        assertEquals(
                graph.nodes(),
                Polyphase.of(graph, TestSession.shapes(graph), List.of("expand"))
                        .graph()
                        .nodes());
    }

    /** What others read, too, would be computed twice. */
    @Test
    void leavesWhatHasOtherReaders() throws Exception {
        Graph graph = block(28, 28, 3, true, 0, 0, 1, 1);
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.output(new Value(graph.nodes().get(1).output(0), ElementType.FLOAT, null));
        Graph shared = builder.build();
        assertEquals(
                shared.nodes(),
                Polyphase.of(shared, TestSession.shapes(shared), WANTED).graph().nodes());
    }
}

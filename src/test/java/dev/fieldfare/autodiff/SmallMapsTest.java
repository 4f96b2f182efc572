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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against ONNX Runtime's own convolutions of one picture after the other, and their gradients by the rules for them. */
class SmallMapsTest {
    private static final List<String> WANTED = List.of("x", "expand", "expandBias", "weight", "bias", "project");
    private static final List<String> TRAINED = WANTED.subList(1, WANTED.size());
    private static final int WIDE = 6;

    /**
     * An inverted residual with a rejoining branch, whose sum is also read in the old layout, and the mean of its maps.
     *
     * @param pads top, left, bottom, right
     */
    private static Graph block(
            long pictures, long height, long width, long kernelHeight, long kernelWidth, long... pads) {
        GraphBuilder builder = new GraphBuilder("block");
        builder.input(Value.ofFloats("x", pictures, 3, height, width));
        builder.input(Value.ofFloats("expand", WIDE, 3, 1, 1));
        builder.input(Value.ofFloats("expandBias", WIDE));
        builder.input(Value.ofFloats("weight", WIDE, 1, kernelHeight, kernelWidth));
        builder.input(Value.ofFloats("bias", WIDE));
        builder.input(Value.ofFloats("project", 3, WIDE, 1, 1));
        String wide = builder.apply("Conv", List.of("x", "expand", "expandBias"));
        String clipped = builder.apply("Clip", List.of(wide, builder.constant(0f), builder.constant(1f)));
        String filtered = builder.apply(
                "filtered",
                "Conv",
                List.of(clipped, "weight", "bias"),
                Map.of("group", Attribute.of(WIDE), "pads", Attribute.of(pads)));
        String curved = builder.apply("HardSwish", List.of(filtered));
        String narrow = builder.apply("narrow", "Conv", List.of(curved, "project"), Map.of());
        long rows = height + pads[0] + pads[2] - kernelHeight + 1;
        long columns = width + pads[1] + pads[3] - kernelWidth + 1;
        boolean same = rows == height && columns == width;
        String sum = same ? builder.apply("sum", "Add", List.of("x", narrow), Map.of()) : narrow;
        String mean = builder.apply("mean", "GlobalAveragePool", List.of(sum), Map.of());
        String old = builder.apply("old", "Sqrt", List.of(builder.apply("Exp", List.of(sum))), Map.of());
        builder.input(Value.ofFloats("share", pictures, 3, rows, columns));
        String shares = builder.apply("Mul", List.of(old, "share"));
        String whole = builder.apply("ReduceSum", List.of(shares), Map.of("keepdims", Attribute.of(0)));
        builder.input(Value.ofFloats("meanShare", pictures, 3, 1, 1));
        String means = builder.apply("Mul", List.of(mean, "meanShare"));
        String meanWhole = builder.apply("ReduceSum", List.of(means), Map.of("keepdims", Attribute.of(0)));
        builder.apply("loss", "Add", List.of(whole, meanWhole), Map.of());
        builder.output(Value.ofFloats(sum, pictures, 3, rows, columns));
        builder.output(Value.ofFloats(mean, pictures, 3, 1, 1));
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
            graph.outputs()
                    .forEach(output -> results.put(output.name(), Objects.requireNonNull(values.get(output.name()))));
            gradients.forEach((wanted, gradient) ->
                    results.put("gradient by " + wanted, Objects.requireNonNull(values.get(gradient))));
            return results;
        }
    }

    private static Map<String, double[]> inputs(Graph graph) {
        RandomGenerator random = new Seed(7).generator("small maps");
        Map<String, double[]> inputs = new HashMap<>();
        for (Value input : graph.inputs()) {
            inputs.put(
                    input.name(),
                    random.doubles(Objects.requireNonNull(input.shape()).elements(), -1, 1)
                            .toArray());
        }
        return inputs;
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(Node::operator).toList();
    }

    @ParameterizedTest(name = "{0} pictures, {1} x {2}, kernel {3} x {4}, pads {5} {6} {7} {8}")
    @CsvSource({
        "4, 7, 7, 3, 3, 1, 1, 1, 1",
        "1, 7, 7, 3, 3, 1, 1, 1, 1",
        "2, 5, 8, 5, 5, 2, 2, 2, 2",
        "3, 6, 4, 3, 5, 1, 2, 1, 2",
        "2, 6, 7, 3, 3, 0, 0, 0, 0", // smaller than what it reads
        "2, 6, 7, 3, 2, 0, 0, 1, 1", // as TensorFlow pads
        "2, 5, 5, 3, 3, 2, 2, 2, 2", // larger
        "3, 4, 4, 1, 1, 0, 0, 0, 0",
        "2, 14, 14, 3, 3, 1, 1, 1, 1",
    })
    void computesTheSame(
            long pictures,
            long height,
            long width,
            long kernelHeight,
            long kernelWidth,
            long top,
            long left,
            long bottom,
            long right)
            throws Exception {
        Graph graph = block(pictures, height, width, kernelHeight, kernelWidth, top, left, bottom, right);
        Map<String, Shape> shapes = TestSession.shapes(graph);
        SmallMaps smallMaps = SmallMaps.of(graph, shapes, TRAINED, Kernels.STANDARD);
        assertTrue(operators(smallMaps.graph()).contains("Gemm"));

        Map<String, double[]> inputs = inputs(graph);
        Map<String, double[]> expected = results(graph, shapes, inputs);
        Map<String, double[]> actual = results(smallMaps.graph(), smallMaps.shapes(), inputs);
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
        Graph graph = block(3, 6, 7, 3, 3, 0, 0, 1, 1);
        SmallMaps smallMaps = SmallMaps.of(graph, TestSession.shapes(graph), TRAINED, Kernels.STANDARD);
        Map<String, Shape> inferred = TestSession.shapes(smallMaps.graph());
        for (Node node : smallMaps.graph().nodes()) {
            assertEquals(inferred.get(node.output(0)), smallMaps.shapes().get(node.output(0)), node.output(0));
        }
    }

    /** Here the bottleneck is between two layouts: one way in, shared by the sum, and one way back. */
    @Test
    void movesEachValueOnce() throws Exception {
        Graph graph = block(4, 7, 7, 3, 3, 1, 1, 1, 1);
        List<String> operators = operators(SmallMaps.of(graph, TestSession.shapes(graph), TRAINED, Kernels.STANDARD)
                .graph());
        // In, and back for who reads the sum otherwise.
        assertEquals(
                2,
                operators.stream()
                        .filter(operator -> operator.equals("Transpose"))
                        .count());
        assertEquals(
                1,
                operators.stream().filter(operator -> operator.equals("Conv")).count());
    }

    @Test
    void leavesLargeMapsAlone() throws Exception {
        Graph graph = block(2, 15, 14, 3, 3, 1, 1, 1, 1);
        assertEquals(
                graph.nodes(),
                SmallMaps.of(graph, TestSession.shapes(graph), TRAINED, Kernels.STANDARD)
                        .graph()
                        .nodes());
    }

    /** With constant weights ONNX Runtime has faster kernels. */
    @Test
    void leavesWhatIsNotTrained() throws Exception {
        Graph graph = block(2, 7, 7, 3, 3, 1, 1, 1, 1);
        assertEquals(
                graph.nodes(),
                SmallMaps.of(graph, TestSession.shapes(graph), List.of("bias"), Kernels.STANDARD)
                        .graph()
                        .nodes());
    }
}

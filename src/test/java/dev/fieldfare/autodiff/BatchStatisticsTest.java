package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batch normalization in training mode, against PyTorch; the fixture is written by tools/fixtures/batch_statistics.py. */
class BatchStatisticsTest {
    private static final List<String> TRAINED = List.of("x", "scale", "bias");

    static Stream<JsonNode> pytorchRuns() throws Exception {
        try (InputStream stream = BatchStatisticsTest.class.getResourceAsStream("batch_statistics.json")) {
            return StreamSupport.stream(new ObjectMapper().readTree(stream).spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("pytorchRuns")
    void gradientsAndRunningStatisticsAreThoseOfPyTorch(JsonNode run) throws Exception {
        BatchStatistics rewritten = rewritten(run);
        GraphBuilder builder = GraphBuilder.from(rewritten.graph());
        Map<String, String> gradients = Differentiation.gradients(builder, rewritten.shapes(), "loss", TRAINED);
        assertEquals(Map.of("mean", "renewedMean", "variance", "renewedVariance"), rewritten.renewed());
        Map<String, String> outputs = new LinkedHashMap<>();
        outputs.put("loss", "loss");
        outputs.put("byX", gradients.get("x"));
        outputs.put("byScale", gradients.get("scale"));
        outputs.put("byBias", gradients.get("bias"));
        outputs.put("renewedMean", "renewedMean");
        outputs.put("renewedVariance", "renewedVariance");
        Map<String, double[]> computed = run(builder, outputs, run);
        outputs.forEach((field, value) -> {
            // The runtime folds mean into bias, which costs digits where the mean is many deviations from zero.
            double[] expected = doubles(run.get(field));
            double[] actual = Objects.requireNonNull(computed.get(value));
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], actual[i], 5e-5 * Math.abs(expected[i]) + 5e-5, field + "[" + i + "]");
            }
        });
    }

    /** The statistics count as constants of their own only for the rule that takes them into account. */
    @Test
    void theGradientThroughTheStatisticsIsComputedAtOnce() throws Exception {
        BatchStatistics rewritten = rewritten(pytorchRuns().findFirst().orElseThrow());
        GraphBuilder builder = GraphBuilder.from(rewritten.graph());
        Differentiation.gradients(builder, rewritten.shapes(), "loss", List.of("x"));
        List<Node> nodes = builder.build().nodes();
        List<String> reductions = nodes.subList(rewritten.graph().nodes().size(), nodes.size()).stream()
                .map(Node::operator)
                .filter(operator -> operator.startsWith("Reduce"))
                .toList();
        assertEquals(List.of("ReduceSum", "ReduceSum"), reductions);
    }

    /** By scale alone: what comes before is not differentiated, and the result is the same. */
    @Test
    void theScaleAloneCanBeTrained() throws Exception {
        JsonNode run = pytorchRuns().findFirst().orElseThrow();
        BatchStatistics rewritten = rewritten(run);
        GraphBuilder builder = GraphBuilder.from(rewritten.graph());
        String gradient = Differentiation.gradients(builder, rewritten.shapes(), "loss", List.of("scale"))
                .get("scale");
        double[] actual = run(builder, Map.of("byScale", gradient), run).get(gradient);
        assertArrayEquals(doubles(run.get("byScale")), actual, 1e-4);
    }

    @Test
    void onlyTheNodesThatAreChosenAreRewritten() throws Exception {
        Graph graph = forward(pytorchRuns().findFirst().orElseThrow());
        BatchStatistics unchanged = BatchStatistics.of(graph, TestSession.shapes(frozen(graph)), node -> false);
        assertEquals(graph, unchanged.graph());
        assertEquals(Map.of(), unchanged.renewed());
    }

    @Test
    void whatCannotBeRewrittenOrDifferentiatedIsRefusedByName() throws Exception {
        Graph graph = forward(pytorchRuns().findFirst().orElseThrow());
        Map<String, Shape> shapes = TestSession.shapes(frozen(graph));
        assertRefused(
                "rewrite the graph with BatchStatistics",
                () -> Differentiation.gradients(GraphBuilder.from(graph), shapes, "loss", List.of("x")));
        assertRefused("the shape null", () -> BatchStatistics.of(graph, Map.of(), node -> true));

        GraphBuilder twice = GraphBuilder.from(graph);
        twice.apply("BatchNormalization", List.of("y", "scale", "bias", "mean", "variance"));
        assertRefused(
                "shares its running statistic 'mean'", () -> BatchStatistics.of(twice.build(), shapes, node -> true));
    }

    private static void assertRefused(String part, Executable refused) {
        String message = assertThrows(FieldfareException.class, refused).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static BatchStatistics rewritten(JsonNode run) throws Exception {
        Graph graph = forward(run);
        return BatchStatistics.of(graph, TestSession.shapes(frozen(graph)), node -> true);
    }

    /** loss = sum(weights y²), y the normalization in training mode with its running statistics as outputs. */
    private static Graph forward(JsonNode run) {
        long[] sizes = StreamSupport.stream(run.get("sizes").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        GraphBuilder builder = new GraphBuilder("batch normalization");
        builder.input(Value.ofFloats("x", sizes));
        for (String input : List.of("scale", "bias", "mean", "variance")) {
            builder.input(Value.ofFloats(input, 3));
        }
        builder.input(Value.ofFloats("weights", sizes));
        builder.add(new Node(
                "normalization",
                "",
                "BatchNormalization",
                List.of("x", "scale", "bias", "mean", "variance"),
                List.of("y", "renewedMean", "renewedVariance"),
                Map.of(
                        "training_mode", Attribute.of(1),
                        "momentum", Attribute.of((float) run.get("momentum").asDouble()),
                        "epsilon", Attribute.of((float) run.get("epsilon").asDouble()))));
        String square = builder.apply("square", "Mul", List.of("y", "y"), Map.of());
        String weighted = builder.apply("weighted", "Mul", List.of(square, "weights"), Map.of());
        builder.apply("loss", "ReduceSum", List.of(weighted), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("loss"));
        return builder.build();
    }

    /** The same with frozen statistics, which ONNX Runtime opens, for the shapes. */
    private static Graph frozen(Graph graph) {
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        for (Node node : graph.nodes()) {
            builder.add(
                    node.is("BatchNormalization")
                            ? new Node("", "", node.operator(), node.inputs(), List.of(node.output(0)), Map.of())
                            : node);
        }
        return builder.build();
    }

    private static Map<String, double[]> run(GraphBuilder builder, Map<String, String> outputs, JsonNode run)
            throws Exception {
        List<Value> values = new ArrayList<>();
        outputs.values().forEach(value -> values.add(new Value(value, ElementType.FLOAT, null)));
        builder.setOutputs(values);
        Map<String, double[]> inputs = new HashMap<>();
        for (String input : List.of("x", "scale", "bias", "weights")) {
            inputs.put(input, doubles(run.get(input)));
        }
        inputs.put("mean", doubles(run.get("runningMean")));
        inputs.put("variance", doubles(run.get("runningVariance")));
        try (TestSession session = new TestSession(builder.build())) {
            return session.run(inputs);
        }
    }

    private static double[] doubles(JsonNode field) {
        return field.isArray()
                ? StreamSupport.stream(field.spliterator(), false)
                        .mapToDouble(JsonNode::asDouble)
                        .toArray()
                : new double[] {field.asDouble()};
    }
}

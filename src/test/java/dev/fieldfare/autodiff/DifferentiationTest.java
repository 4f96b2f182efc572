package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is differentiated, and what is refused. That each rule is right is {@link GradientRulesTest}'s matter. */
class DifferentiationTest {
    private static final Map<String, Attribute> TO_SCALAR = Map.of("keepdims", Attribute.of(0));
    private static final double[] X = {-1.5, 0.25, 2};

    private final GraphBuilder builder = new GraphBuilder("g");
    private final String x = builder.input(Value.ofFloats("x", 3));

    /** loss = sum(x³ + x): x is read four times, and the branches rejoin. */
    @Test
    void whatIsReadOftenGetsTheSumOfItsGradients() throws Exception {
        String cube = builder.apply("Mul", List.of(builder.apply("Mul", List.of(x, x)), x));
        loss(builder.apply("Add", List.of(cube, x)));
        assertArrayEquals(new double[] {7.75, 1.1875, 13}, gradient("x"), 1e-6);
    }

    /** loss = sum(exp(u) u) with u = 2 x: by u, exp(u) (u + 1); by x, twice that. */
    @Test
    void intermediateValuesHaveGradientsToo() throws Exception {
        String u = builder.apply("u", "Mul", List.of(x, builder.constant(2f)), Map.of());
        loss(builder.apply("Mul", List.of(builder.apply("Exp", List.of(u)), u)));
        Graph forward = builder.build();
        Map<String, String> names =
                Differentiation.gradients(builder, TestSession.shapes(forward), "loss", List.of("u", "x"));
        assertEquals(List.of("u", "x"), List.copyOf(names.keySet()));
        names.values().forEach(gradient -> builder.output(Value.ofFloats(gradient, 3)));
        try (TestSession session = new TestSession(builder.build())) {
            Map<String, double[]> outputs = session.run(Map.of("x", X));
            for (int i = 0; i < X.length; i++) {
                double byU = Math.exp(2 * X[i]) * (2 * X[i] + 1);
                assertEquals(byU, get(outputs, get(names, "u"))[i], 1e-6 * Math.abs(byU) + 1e-6);
                assertEquals(2 * byU, get(outputs, get(names, "x"))[i], 1e-6 * Math.abs(byU) + 1e-6);
            }
        }
    }

    /** Two layers of which the second is trained: one product for its weight, and nothing for what lies below. */
    @Test
    void onlyWhatIsNeededIsComputed() throws Exception {
        String input = builder.input(Value.ofFloats("features", 4, 3));
        String first = builder.input(Value.ofFloats("first", 3, 5));
        String second = builder.input(Value.ofFloats("second", 5, 2));
        String hidden = builder.apply("Relu", List.of(builder.apply("Gemm", List.of(input, first))));
        String logits = builder.apply("Gemm", List.of(hidden, second));
        String unused = builder.apply("Erf", List.of(second));
        loss(logits);
        Graph forward = builder.build();
        Map<String, Shape> shapes = TestSession.shapes(forward);

        assertEquals(List.of("Expand", "Gemm"), operatorsFor(forward, shapes, "second"));
        assertEquals(List.of("Expand", "Gemm", "HardSigmoid", "Mul", "Gemm"), operatorsFor(forward, shapes, "first"));
        assertTrue(forward.producers().containsKey(unused), "an operator without a rule is no harm off the way");
    }

    private static List<String> operatorsFor(Graph forward, Map<String, Shape> shapes, String wanted) {
        GraphBuilder copy = GraphBuilder.from(forward);
        Differentiation.gradients(copy, shapes, "loss", List.of(wanted));
        List<Node> nodes = copy.build().nodes();
        return nodes.subList(forward.nodes().size(), nodes.size()).stream()
                .map(Node::operator)
                .filter(operator -> !operator.equals("Reshape"))
                .toList();
    }

    /** loss = sum(mean(relu(x))), a mean of the two columns of each row: by x, 1 / 2 where it is positive. */
    @Test
    void whatIsRepeatedIsRepeatedWhileItIsMultiplied() throws Exception {
        String rows = builder.apply("Reshape", List.of(x, builder.constant(1L, 3, 1, 1)));
        String columns = builder.apply("Concat", List.of(rows, rows), Map.of("axis", Attribute.of(3)));
        loss(builder.apply("GlobalAveragePool", List.of(builder.apply("Relu", List.of(columns)))));
        assertArrayEquals(new double[] {0, 1, 1}, gradient("x"), 1e-6);
        builder.prune();
        Map<String, Shape> shapes = TestSession.shapes(builder.build());
        assertTrue(
                builder.build().nodes().stream()
                        .filter(node -> node.is("Expand"))
                        .allMatch(node -> Shape.of(1, 3, 1, 1).equals(shapes.get(node.output(0)))),
                "only to the pool's output");
    }

    @Test
    void aValueThatDoesNotReachTheLossIsRefusedByName() {
        String idle = builder.input(Value.ofFloats("idle", 3));
        builder.apply("Neg", List.of(idle));
        loss(x);
        assertRefused("does not depend on 'idle'", "x", "idle");
        assertRefused("no value called 'weight'", "weight");
    }

    @Test
    void aShapeCarriesNoGradient() {
        String sizes = builder.apply("Shape", List.of(x));
        loss(builder.apply("Cast", List.of(sizes), Map.of("to", Attribute.of(ElementType.FLOAT.code()))));
        assertRefused("does not depend on 'x'", "x");
    }

    @Test
    void aCastToIntegersCarriesNoGradient() {
        Map<String, Attribute> toInteger = Map.of("to", Attribute.of(ElementType.INT32.code()));
        Map<String, Attribute> toFloat = Map.of("to", Attribute.of(ElementType.FLOAT.code()));
        String integers = builder.apply("Cast", List.of(x), toInteger);
        loss(builder.apply("Cast", List.of(integers), toFloat));
        assertRefused("does not depend on 'x'", "x");
    }

    @Test
    void anOperatorWithoutARuleIsRefusedWithItsNodeBeforeAnythingIsAppended() {
        builder.add(new Node("volume", "", "Det", List.of(x), List.of("h"), Map.of()));
        loss("h");
        int nodes = builder.build().nodes().size();
        String message = assertRefused("operator Det", "x");
        assertTrue(message.contains("node 'volume'") && message.contains("LogSoftmax"), message);
        assertEquals(nodes, builder.build().nodes().size());
    }

    @Test
    void anOperatorOfAnotherDomainIsNotTheStandardOne() {
        builder.add(new Node("custom", "com.example", "Relu", List.of(x), List.of("r"), Map.of()));
        loss("r");
        assertRefused("com.example.Relu", "x");
    }

    /** The body reads x without listing it as an input: this, too, is a way from x to the loss. */
    @Test
    void aBranchThatCapturesAWantedValueIsRefused() {
        Graph branch = new Graph(
                "body",
                List.of(new Node("", "", "Neg", List.of("x"), List.of("inner"), Map.of())),
                List.of(),
                List.of(Value.ofFloats("inner", 3)),
                Map.of(),
                List.of());
        String condition = builder.input(new Value("condition", ElementType.BOOL, Shape.of()));
        loss(builder.apply(
                "If",
                List.of(condition),
                Map.of(
                        "then_branch", new Attribute.Subgraph(branch),
                        "else_branch", new Attribute.Subgraph(branch))));
        assertRefused("operator If", "x");
    }

    @Test
    void anInputThatTheRuleDoesNotCoverIsRefused() {
        String limit = builder.input(Value.ofFloats("limit"));
        loss(builder.apply("Clip", List.of(x, limit)));
        assertRefused("no gradient by its input 1 ('limit')", "limit");
    }

    @Test
    void theLossMustBeANumberAndShapesKnown() {
        builder.apply("loss", "Neg", List.of(x), Map.of());
        assertRefused("only a single number can be minimized", "x");
        String message = assertThrows(
                        FieldfareException.class,
                        () -> Differentiation.gradients(builder, Map.of(), "loss", List.of("x")))
                .getMessage();
        assertTrue(message.contains("'loss' has the shape null"), message);
    }

    private void loss(String value) {
        builder.apply("loss", "ReduceSum", List.of(value), TO_SCALAR);
        builder.output(Value.ofFloats("loss"));
    }

    private double[] gradient(String wanted) throws Exception {
        Map<String, Shape> shapes = TestSession.shapes(builder.build());
        String gradient = get(Differentiation.gradients(builder, shapes, "loss", List.of(wanted)), wanted);
        builder.output(Value.ofFloats(gradient, 3));
        try (TestSession session = new TestSession(builder.build())) {
            return get(session.run(Map.of("x", X)), gradient);
        }
    }

    /** All values count as three numbers here, the loss as one, unless the loss is computed by an elementwise node. */
    private String assertRefused(String part, String... wanted) {
        Map<String, Shape> shapes = new HashMap<>();
        Graph forward = builder.build();
        forward.inputs().forEach(input -> shapes.put(input.name(), input.shape()));
        forward.nodes().forEach(node -> shapes.put(node.output(0), Shape.of(3)));
        if (forward.producers().get("loss") instanceof Node node && node.is("ReduceSum")) {
            shapes.put("loss", Shape.of());
        }
        String message = assertThrows(
                        FieldfareException.class,
                        () -> Differentiation.gradients(builder, shapes, "loss", List.of(wanted)))
                .getMessage();
        assertTrue(message.contains(part), message);
        return message;
    }

    private static <V> V get(Map<String, V> map, String key) {
        V value = map.get(key);
        if (value == null) {
            throw new AssertionError("no '" + key + "' among " + map.keySet());
        }
        return value;
    }
}

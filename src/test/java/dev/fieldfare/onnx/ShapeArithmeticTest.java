package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link ShapeArithmetic} by way of {@link ConstantFolding}; ONNX Runtime is the judge. */
class ShapeArithmeticTest {
    private static final long[] LIST = {7, -3, 0, 12, 5};

    private static TensorData number(long value) {
        return ConstantOperators.reshaped(TensorData.ofLongs(value));
    }

    private static TensorData list(long... values) {
        return TensorData.ofLongs(values);
    }

    static Stream<Arguments> nodes() {
        List<Arguments> nodes = new ArrayList<>();
        for (String operator : List.of("Add", "Sub", "Mul", "Div")) {
            nodes.add(Arguments.of(operator, List.of(number(-7), number(2))));
            nodes.add(Arguments.of(operator, List.of(list(LIST), number(3))));
            nodes.add(Arguments.of(operator, List.of(number(100), list(7, -3, 1))));
            nodes.add(Arguments.of(operator, List.of(list(LIST), list(2, 2, -5, 7, 1))));
            nodes.add(Arguments.of(operator, List.of(list(9), number(4))));
            nodes.add(Arguments.of(operator, List.of(number(4), list(9))));
        }
        long[][] bounds = {
            {0, 2, 1},
            {1, 5, 2},
            {-2, Long.MAX_VALUE, 1},
            {3, 3, 1},
            {9, 12, 1},
            {-9, 3, 1},
            {4, Long.MIN_VALUE, -1},
            {9, 0, -2},
            {-1, -4, -1},
            {1, 3, -1},
        };
        for (long[] b : bounds) {
            nodes.add(Arguments.of("Slice", List.of(list(LIST), list(b[0]), list(b[1]), list(0), list(b[2]))));
        }
        nodes.add(Arguments.of("Slice", List.of(list(LIST), list(1), list(-1))));
        return nodes.stream();
    }

    /** A graph of the node, and of one that hands its result on, for an output itself is not folded. */
    private static OnnxModel model(String operator, List<TensorData> operands) {
        GraphBuilder builder = new GraphBuilder("sizes");
        List<String> names =
                operands.stream().map(data -> builder.constant("operand", data)).toList();
        builder.apply("x", operator, names, Map.of());
        builder.apply("y", "Cast", List.of("x"), Map.of("to", Attribute.of(ElementType.FLOAT.code())));
        builder.setOutputs(List.of(new Value("y", ElementType.FLOAT, null)));
        return OnnxModel.of(18, builder.build());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("nodes")
    void isWhatOnnxRuntimeMakesOfIt(String operator, List<TensorData> operands) throws OrtException {
        OnnxModel model = model(operator, operands);
        Graph folded = ConstantFolding.fold(model.graph());
        assertEquals(
                List.of("Cast"), folded.nodes().stream().map(Node::operator).toList());
        PlainRun.Output expected = PlainRun.run(model, Map.of()).get("y");
        TensorData actual = folded.initializers().get("x");
        assertArrayEquals(expected.shape(), actual.shape().sizes());
        double[] elements = LongStream.of(actual.longs()).asDoubleStream().toArray();
        assertArrayEquals(expected.elements(), elements, 0);
    }

    /** What is no size is left to ONNX Runtime, which says what is wrong with it. */
    @Test
    void whatIsNoSizeStays() {
        TensorData reals = TensorData.ofFloats(new float[] {1, 2}, 2);
        List<OnnxModel> models = List.of(
                model("Div", List.of(list(4), list(0))),
                model("Mul", List.of(number(Long.MAX_VALUE), number(3))),
                model("Add", List.of(reals, reals)),
                model("Add", List.of(list(1, 2), list(1, 2, 3))),
                model("Slice", List.of(list(LIST), list(0), list(2), list(0), list(0))));
        for (OnnxModel model : models) {
            Graph folded = ConstantFolding.fold(model.graph());
            assertTrue(folded.nodes().stream().anyMatch(node -> node.output(0).equals("x")));
            assertFalse(folded.initializers().containsKey("x"));
        }
    }

    /** The bounds that PyTorch writes for half of the channels. */
    @Test
    void foldsWhatIsComputedOfAShape() {
        GraphBuilder builder = new GraphBuilder("half");
        builder.input(Value.ofFloats("x", 2, 7, 3));
        String channels = builder.apply(
                "Gather",
                List.of(builder.apply("Shape", List.of("x")), builder.constant(new long[] {1})),
                Map.of("axis", Attribute.of(0)));
        String half = builder.apply(
                "Div",
                List.of(
                        builder.apply("Add", List.of(channels, builder.constant(new long[] {1}))),
                        builder.constant(new long[] {2})));
        builder.apply(
                "y",
                "Slice",
                List.of("x", builder.constant(new long[] {0}), half, builder.constant(new long[] {1})),
                Map.of());
        builder.setOutputs(List.of(Value.ofFloats("y", 2, 4, 3)));
        Graph folded = ConstantFolding.foldShapes(builder.build(), Map.of("x", Shape.of(2, 7, 3)));
        assertEquals(
                List.of("Slice"), folded.nodes().stream().map(Node::operator).toList());
        assertArrayEquals(
                new long[] {4},
                folded.initializers().get(folded.nodes().getFirst().input(2)).longs());
    }
}

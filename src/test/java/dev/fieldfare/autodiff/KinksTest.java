package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules give where there is no derivative, and how near to it they tell the sides apart. */
class KinksTest {
    /** {@code x} and {@code c} are the first and second operand; the gradient is that of the sum by x. */
    @ParameterizedTest(name = "{0}({1}, {2}) -> {3}")
    @CsvSource(
            nullValues = "-",
            value = {
                // The smallest normal numbers of both signs.
                "Relu,            0 1e-37 -1e-37 3e38,  -,    0 1 0 1",
                "LeakyRelu,       0 2 -2,               -,    0 1 0.01",
                "Abs,             0 2 -2,               -,    0 1 -1",
                // The numbers next to 6, and next to 3.
                "Clip,            0 6 5.9999995 1e-37,  0 6,  0 0 1 1",
                "HardSwish,       -3 3,                 -,    0 1",
                "HardSwish,       -2.9999998 2.9999998, -,    -0.5 1.5",
                "ThresholdedRelu, 1 1.0000001,          -,    0 1",
                "HardSigmoid,     -2.5 2.5,             -,    0 0",
                // The first of equal operands is chosen, as the larger one and as the smaller one.
                "Max,             1 2 3,                2,    0 1 1",
                "Min,             1 2 3,                2,    1 1 0",
                "ReduceMax,       1 3 3,                -,    0 0.5 0.5",
                "ReduceMin,       1 1 3,                -,    0.5 0.5 0",
                "ReduceL2,        0 0 0,                -,    0 0 0",
                "Sum,             1 2 3,                2,    1 1 1",
                "Pow,             0 0,                  0 1,  0 1",
            })
    void theGradientAtAKinkIsAsDocumented(String operator, String x, String constant, String gradient)
            throws Exception {
        double[] elements = numbers(x);
        GraphBuilder builder = new GraphBuilder("kink");
        List<String> operands = new ArrayList<>(List.of(builder.input(Value.ofFloats("x", elements.length))));
        if (operator.equals("Clip")) {
            for (double limit : numbers(constant)) {
                operands.add(builder.constant((float) limit));
            }
        } else if (constant != null) {
            operands.add(builder.input(Value.ofFloats("c", numbers(constant).length)));
        }
        assertArrayEquals(numbers(gradient), gradient(builder, operator, operands, elements, constant), 1e-6);
    }

    @Test
    void theSecondOfEqualOperandsIsNotChosen() throws Exception {
        GraphBuilder builder = new GraphBuilder("tie");
        builder.input(Value.ofFloats("x", 3));
        builder.input(Value.ofFloats("c", 3));
        double[] gradient = gradient(builder, "Max", List.of("c", "x"), new double[] {1, 2, 3}, "2 2 2");
        assertArrayEquals(new double[] {0, 0, 1}, gradient);
    }

    @Test
    void whatCannotBeDifferentiatedIsRefusedWithItsNode() {
        Map<String, Attribute> negative = Map.of("alpha", Attribute.of(-1f));
        assertRefused("Elu", List.of("x"), List.of("y"), negative, "negative alpha");
        assertRefused("Selu", List.of("x"), List.of("y"), negative, "negative alpha");
        assertRefused(
                "LayerNormalization", List.of("x", "c"), List.of("hidden", "y"), Map.of(), "out, by which Fieldfare");
    }

    private static void assertRefused(
            String operator,
            List<String> inputs,
            List<String> outputs,
            Map<String, Attribute> attributes,
            String part) {
        GraphBuilder builder = new GraphBuilder("refused");
        Map<String, Shape> shapes = new HashMap<>();
        for (String input : inputs) {
            builder.input(Value.ofFloats(input, 3));
            shapes.put(input, Shape.of(3));
        }
        builder.add(new Node("the-node", "", operator, inputs, outputs, attributes));
        outputs.forEach(output -> shapes.put(output, Shape.of(3)));
        builder.apply("loss", "ReduceSum", List.of("y"), Map.of("keepdims", Attribute.of(0)));
        shapes.put("loss", Shape.of());
        String message = assertThrows(
                        FieldfareException.class,
                        () -> Differentiation.gradients(builder, shapes, "loss", List.of("x")))
                .getMessage();
        assertTrue(message.contains("'the-node'") && message.contains(part), message);
    }

    private static double[] gradient(
            GraphBuilder builder, String operator, List<String> operands, double[] x, String constant)
            throws Exception {
        String y = builder.apply("y", operator, operands, Map.of());
        builder.apply("loss", "ReduceSum", List.of(y), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("loss"));
        String name = Differentiation.gradients(builder, TestSession.shapes(builder.build()), "loss", List.of("x"))
                .get("x");
        builder.setOutputs(List.of(Value.ofFloats(Objects.requireNonNull(name), x.length)));
        Map<String, double[]> inputs = new HashMap<>(Map.of("x", x));
        if (operands.contains("c")) {
            inputs.put("c", numbers(constant));
        }
        try (TestSession session = new TestSession(builder.build())) {
            return session.run(inputs).get(name);
        }
    }

    private static double[] numbers(String text) {
        return Stream.of(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }
}

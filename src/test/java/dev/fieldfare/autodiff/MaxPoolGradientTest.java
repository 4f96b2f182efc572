package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where finite differences say nothing: several positions of a window hold its maximum, and the first gets it all. */
class MaxPoolGradientTest {
    @Test
    void firstOfEqualMaximaOfWindowsSideBySide() throws Exception {
        assertArrayEquals(
                new double[] {1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0},
                gradient(
                        "MaxPool",
                        Map.of("kernel_shape", Attribute.of(new long[] {2, 2}), "strides", Attribute.of(new long[] {2, 2
                        })),
                        new double[] {0, 0, 5, 5, 0, 0, 5, 5, 7, 6, 1, 2, 7, 7, 2, 2},
                        new float[] {1, 2, 3, 4},
                        4,
                        2));
    }

    @Test
    void firstOfEqualMaximaOfOverlappingWindows() throws Exception {
        assertArrayEquals(
                new double[] {1, 2, 0, 3, 4, 0, 0, 0, 0},
                gradient(
                        "MaxPool",
                        Map.of("kernel_shape", Attribute.of(new long[] {2, 2})),
                        new double[9],
                        new float[] {1, 2, 3, 4},
                        3,
                        2));
    }

    @Test
    void sharedMaximumCollectsFromEveryWindow() throws Exception {
        assertArrayEquals(
                new double[] {0, 0, 0, 0, 10, 0, 0, 0, 0},
                gradient(
                        "MaxPool",
                        Map.of("kernel_shape", Attribute.of(new long[] {2, 2})),
                        new double[] {0, 0, 0, 0, 1, 0, 0, 0, 0},
                        new float[] {1, 2, 3, 4},
                        3,
                        2));
    }

    /** Padding is less than every number: it is never the maximum of a window that reads any input. */
    @Test
    void paddingIsNoMaximum() throws Exception {
        assertArrayEquals(
                new double[] {1, 2, 3, 4},
                gradient(
                        "MaxPool",
                        Map.of(
                                "kernel_shape",
                                Attribute.of(new long[] {3, 3}),
                                "strides",
                                Attribute.of(new long[] {3, 3}),
                                "pads",
                                Attribute.of(new long[] {2, 2, 2, 2})),
                        new double[] {-3, -3, -3, -3},
                        new float[] {1, 2, 3, 4},
                        2,
                        2));
    }

    @Test
    void firstOfEqualMaximaOfAChannel() throws Exception {
        assertArrayEquals(
                new double[] {0, 2, 0, 0},
                gradient("GlobalMaxPool", Map.of(), new double[] {-1, 5, 5, 5}, new float[] {2}, 2, 1));
    }

    /** The gradient of the sum of pooled elements times weights, for one channel of size by size. */
    private static double[] gradient(
            String operator, Map<String, Attribute> attributes, double[] input, float[] weights, long size, long pooled)
            throws Exception {
        GraphBuilder builder = new GraphBuilder("pool");
        builder.input(Value.ofFloats("x", 1, 1, size, size));
        builder.apply("y", operator, List.of("x"), attributes);
        String weighted = builder.apply(
                "Mul", List.of("y", builder.constant("weights", TensorData.ofFloats(weights, 1, 1, pooled, pooled))));
        builder.apply("loss", "ReduceSum", List.of(weighted), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("loss"));
        String gradient = Differentiation.gradients(builder, TestSession.shapes(builder.build()), "loss", List.of("x"))
                .get("x");
        builder.setOutputs(List.of(Value.ofFloats(gradient, 1, 1, size, size)));
        try (TestSession session = new TestSession(builder.build())) {
            return session.run(Map.of("x", input)).get(gradient);
        }
    }
}

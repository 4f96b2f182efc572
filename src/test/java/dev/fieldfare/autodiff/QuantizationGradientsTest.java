package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.onnxruntime.OrtException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The straight-through estimator, against PyTorch's formula for {@code fake_quantize_per_tensor_affine} and {@code
 * fake_quantize_per_channel_affine}: the gradient passes where {@code round(x / scale) + zero point} is representable.
 */
class QuantizationGradientsTest {
    private static final int COLUMNS = 8;

    /** @param scales one for the tensor, or one for each row */
    record Quantizer(ElementType type, float[] scales, int... zeroPoints) {
        long least() {
            return type == ElementType.INT8 ? -128 : 0;
        }

        @Override
        public String toString() {
            return type + ", " + scales.length + " scales";
        }
    }

    static Stream<Quantizer> quantizers() {
        return Stream.of(
                new Quantizer(ElementType.UINT8, new float[] {0.5f}, 128),
                new Quantizer(ElementType.INT8, new float[] {0.25f}, -100),
                new Quantizer(ElementType.UINT8, new float[] {1}),
                new Quantizer(ElementType.INT8, new float[] {0.5f, 0.125f, 2}, 0, 3, -128));
    }

    @ParameterizedTest
    @MethodSource("quantizers")
    void passesTheGradientWithinTheRange(Quantizer quantizer) throws OrtException {
        int rows = quantizer.scales().length == 1 ? 1 : quantizer.scales().length;
        double[] x = new double[rows * COLUMNS];
        double[] expected = new double[x.length];
        float[] weights = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int row = i / COLUMNS;
            float scale = quantizer.scales()[row];
            int zero = quantizer.zeroPoints().length == 0 ? 0 : quantizer.zeroPoints()[row];
            // At both ends of the range and just beyond them, ties included, and one amid.
            double code = quantizer.least()
                    + switch (i % COLUMNS) {
                        case 0 -> -1;
                        case 1 -> -0.5;
                        case 2 -> -0.25;
                        case 3 -> 100.25;
                        case 4 -> 255;
                        case 5 -> 255.25;
                        case 6 -> 255.5;
                        default -> 300;
                    };
            x[i] = (code - zero) * scale;
            weights[i] = 1 + i / 8f;
            double rounded = Math.rint(x[i] / scale) + zero;
            expected[i] = rounded >= quantizer.least() && rounded <= quantizer.least() + 255 ? weights[i] : 0;
        }
        assertArrayEquals(expected, gradient(quantizer, rows, x, weights), 1e-6);
    }

    private static double[] gradient(Quantizer quantizer, int rows, double[] x, float[] weights) throws OrtException {
        GraphBuilder builder = new GraphBuilder("quantized");
        builder.input(Value.ofFloats("x", rows, COLUMNS));
        long[] sizes = rows == 1 ? new long[0] : new long[] {rows};
        builder.initializer("scale", TensorData.ofFloats(quantizer.scales(), sizes));
        List<String> operands = List.of("x", "scale");
        List<String> codes = List.of("codes", "scale");
        if (quantizer.zeroPoints().length > 0) {
            ByteBuffer bytes = ByteBuffer.allocate(rows);
            for (int zero : quantizer.zeroPoints()) {
                bytes.put((byte) zero);
            }
            builder.initializer("zero", new TensorData(quantizer.type(), Shape.of(sizes), bytes.flip()));
            operands = List.of("x", "scale", "zero");
            codes = List.of("codes", "scale", "zero");
        }
        Map<String, Attribute> axis = Map.of("axis", Attribute.of(-2));
        builder.apply("codes", "QuantizeLinear", operands, axis);
        builder.apply("real", "DequantizeLinear", codes, axis);
        builder.initializer("weights", TensorData.ofFloats(weights, rows, COLUMNS));
        builder.apply("weighted", "Mul", List.of("real", "weights"), Map.of());
        builder.apply("loss", "ReduceSum", List.of("weighted"), Map.of("keepdims", Attribute.of(0)));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String value : List.of("x", "codes", "real", "weights", "weighted")) {
            shapes.put(value, Shape.of(rows, COLUMNS));
        }
        shapes.put("scale", Shape.of(sizes));
        shapes.put("zero", Shape.of(sizes));
        shapes.put("loss", Shape.of());
        String gradient =
                Differentiation.gradients(builder, shapes, "loss", List.of("x")).get("x");
        builder.output(Value.ofFloats(gradient, rows, COLUMNS));
        try (TestSession session = new TestSession(builder.build())) {
            return session.run(Map.of("x", x)).get(gradient);
        }
    }
}

package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dropout that really drops: its output is linear in its input, so the gradient is the ratio of the two. */
class DropoutGradientTest {
    private static final int SIZE = 200;

    private static GraphBuilder dropout(List<String> outputs) {
        GraphBuilder builder = new GraphBuilder("dropout");
        builder.input(Value.ofFloats("x", SIZE));
        builder.initializer("ratio", TensorData.ofScalar(0.25f));
        builder.initializer("training", new TensorData(ElementType.BOOL, Shape.of(), ByteBuffer.wrap(new byte[] {1})));
        Map<String, Attribute> seed = Map.of("seed", Attribute.of(5));
        builder.add(new Node("the dropout", "", "Dropout", List.of("x", "ratio", "training"), outputs, seed));
        builder.apply("loss", "ReduceSum", List.of("y"), Map.of("keepdims", Attribute.of(0)));
        return builder;
    }

    private static final Map<String, Shape> SHAPES = Map.of(
            "x", Shape.of(SIZE), "y", Shape.of(SIZE), "mask", Shape.of(SIZE), "loss", Shape.of(), "ratio", Shape.of());

    @Test
    void dropsAndScalesTheSameElements() throws OrtException {
        GraphBuilder builder = dropout(List.of("y", "mask"));
        String gradient =
                Differentiation.gradients(builder, SHAPES, "loss", List.of("x")).get("x");
        builder.output(Value.ofFloats("y", SIZE));
        builder.output(Value.ofFloats(gradient, SIZE));
        double[] x = new double[SIZE];
        Arrays.setAll(x, i -> 1 + i);
        try (TestSession session = new TestSession(builder.build())) {
            Map<String, double[]> outputs = session.run(Map.of("x", x));
            int dropped = 0;
            for (int i = 0; i < SIZE; i++) {
                assertEquals(outputs.get("y")[i] / x[i], outputs.get(gradient)[i], 1e-6);
                dropped += outputs.get(gradient)[i] == 0 ? 1 : 0;
            }
            assertTrue(dropped > 0 && dropped < SIZE, dropped + " dropped");
        }
    }

    @Test
    void withoutItsMaskItIsRefusedByName() {
        GraphBuilder builder = dropout(List.of("y"));
        FieldfareException e = assertThrows(
                FieldfareException.class, () -> Differentiation.gradients(builder, SHAPES, "loss", List.of("x")));
        assertTrue(e.getMessage().contains("'the dropout'"), e.getMessage());
    }
}

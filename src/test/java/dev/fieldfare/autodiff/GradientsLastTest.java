package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.ExecutionOrder;
import dev.fieldfare.runtime.RunMemory;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientsLastTest {
    private static final int LAYERS = 6;

    /** Layers of equal width, each with a weight. */
    private static TrainingGraph layers(boolean accumulate) {
        GraphBuilder builder = new GraphBuilder("layers");
        String x = builder.input(Value.ofFloats("x", 64, 50));
        List<String> weights = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            weights.add(builder.input(Value.ofFloats("w" + i, 50, 50)));
            x = builder.apply("Tanh", List.of(builder.apply("MatMul", List.of(x, "w" + i))));
        }
        builder.apply("loss", "ReduceSum", List.of(x), Map.of("keepdims", Attribute.of(0)));
        builder.output(new Value("loss", ElementType.FLOAT, Shape.of()));
        OnnxModel model = OnnxModel.of(18, builder.build());
        Updates plain = Updates.of(new SgdMomentum(0));
        return TrainingGraph.of(
                new TrainingGraph.Forward(model, ShapeInference.of(model), "loss", weights),
                accumulate ? plain.accumulating(1) : plain);
    }

    /** With them, activations go as soon as they are used, so that never all of both passes are alive. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastLayersGradientRunsFirst(boolean accumulate) {
        OnnxModel gradients = layers(accumulate).gradients();
        Map<String, Value> values = ShapeInference.values(gradients);
        List<String> ran = ExecutionOrder.of(gradients.graph(), values).stream()
                .map(node -> node.output(0))
                .filter(layers(accumulate).pinnedGradients()::containsKey)
                .toList();
        List<String> expected =
                new ArrayList<>(layers(accumulate).pinnedGradients().keySet());
        assertEquals(expected.reversed(), ran);
        long activation = 64 * 50 * Float.BYTES;
        long peak = RunMemory.of(gradients.graph(), values, 1).peakBytes();
        assertTrue(peak <= (LAYERS + 4) * activation, peak / activation + " activations");
    }

    /** A gradient that is the gradient of two parameters, or is needed by others, keeps its Identity. */
    @Test
    void whatOthersReadKeepsItsName() {
        GraphBuilder builder = new GraphBuilder("sum");
        builder.input(Value.ofFloats("a", 3));
        builder.input(Value.ofFloats("b", 3));
        String sum = builder.apply("Add", List.of("a", "b"));
        String squares = builder.apply("Mul", List.of(sum, sum));
        builder.apply("loss", "ReduceSum", List.of(squares), Map.of("keepdims", Attribute.of(0)));
        builder.output(new Value("loss", ElementType.FLOAT, Shape.of()));
        OnnxModel model = OnnxModel.of(18, builder.build());
        OnnxModel gradients = TrainingGraph.of(
                        new TrainingGraph.Forward(model, ShapeInference.of(model), "loss", List.of("a", "b")),
                        Updates.of(new SgdMomentum(0)))
                .gradients();
        List<String> lastTwo = gradients.graph().nodes().reversed().stream()
                .limit(2)
                .map(node -> node.operator() + " " + node.output(0))
                .toList();
        assertEquals(List.of("Identity b.gradient", "Identity a.gradient"), lastTwo);
    }
}

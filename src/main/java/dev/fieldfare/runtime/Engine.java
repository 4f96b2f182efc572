package dev.fieldfare.runtime;

import ai.onnxruntime.OrtEnvironment;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** ONNX Runtime itself. */
public final class Engine {
    private Engine() {}

    /**
     * Loads it and lets it multiply two small matrices, by the instructions that it chooses for this processor. One that
     * the processor does not have ends the process: try it in a child.
     *
     * @return its version
     * @throws IllegalStateException if it multiplies wrongly
     */
    public static String check() {
        int size = 64;
        float[] halves = new float[size * size];
        Arrays.fill(halves, 0.5f);
        GraphBuilder builder = new GraphBuilder("check");
        String x = builder.input(Value.ofFloats("x", size, size));
        String w = builder.initializer("w", TensorData.ofFloats(halves, size, size));
        builder.output(Value.ofFloats(builder.apply("y", "MatMul", List.of(x, w), Map.of()), size, size));
        try (Session session = Session.open("check", OnnxModel.of(15, builder.build()), SessionSettings.ofThreads(1));
                Tensor left = Tensor.of(halves, size, size);
                Tensor product = Tensor.zeros(size, size)) {
            session.run(Map.of("x", left), Map.of("y", product));
            for (float element : product.toArray()) {
                if (element != size * 0.25f) {
                    throw new IllegalStateException(
                            "ONNX Runtime multiplies wrongly: " + element + " instead of " + size * 0.25f);
                }
            }
        }
        return OrtEnvironment.getEnvironment().getVersion();
    }
}

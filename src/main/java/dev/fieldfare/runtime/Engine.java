package dev.fieldfare.runtime;

import ai.onnxruntime.OrtEnvironment;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** ONNX Runtime itself. */
public final class Engine {
    /** The domain of ONNX Runtime's operators on blocks of channels, see {@link BlockedChannels}. */
    static final String BLOCKED_DOMAIN = "com.microsoft.nchwc";

    private static final int MOST_CHANNELS = 64;

    private Engine() {}

    /** Asked for once, when it is first needed. */
    private static final class ChannelBlock {
        private static final int SIZE = askForChannelBlock();
    }

    /**
     * The channels that its convolutions keep together on this processor, as many as fit into a vector: 16 with AVX-512, 8 on
     * other x64 processors; 1 if it has no such kernels.
     */
    public static int channelBlock() {
        return ChannelBlock.SIZE;
    }

    /** Two positions of some channels are brought into blocks: the second comes after the first of a whole block. */
    private static int askForChannelBlock() {
        GraphBuilder builder = new GraphBuilder("block");
        String x = builder.input(Value.ofFloats("x", 1, MOST_CHANNELS, 1, 2));
        builder.add(new Node("", BLOCKED_DOMAIN, "ReorderInput", List.of(x), List.of("y"), Map.of()));
        builder.output(Value.ofFloats("y", 1, MOST_CHANNELS, 1, 2));
        OnnxModel model = new OnnxModel(8, Map.of("", 15L, BLOCKED_DOMAIN, 1L), builder.build(), Map.of(), List.of());
        float[] elements = new float[2 * MOST_CHANNELS];
        elements[1] = 1;
        try (Session session = Session.open("block", model, SessionSettings.ofThreads(1));
                Tensor plain = Tensor.of(elements, 1, MOST_CHANNELS, 1, 2);
                Tensor blocked = Tensor.zeros(1, MOST_CHANNELS, 1, 2)) {
            session.run(Map.of("x", plain), Map.of("y", blocked));
            float[] there = blocked.toArray();
            int size = 1;
            while (there[size] != 1) {
                size++;
            }
            return size;
        } catch (FieldfareException e) {
            // Where it has no such kernels, it does not know the operator.
            return 1;
        }
    }

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

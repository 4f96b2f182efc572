package dev.fieldfare.train;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How much the intermediate values of a graph take at once, from their shapes and lifetimes. */
final class ActivationPeak {
    /** Operators that ONNX Runtime fuses into the one before, or runs in place: their output takes nothing more. */
    private static final Set<String> IN_PLACE = Set.of(
            "Relu",
            "Clip",
            "LeakyRelu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Tanh",
            "Add",
            "Mul",
            "Sub",
            "Div",
            "BatchNormalization",
            "Dropout",
            "Identity",
            "Flatten",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
            "QuantizeLinear",
            "DequantizeLinear");

    private ActivationPeak() {}

    /**
     * The largest sum, over the running order, of the float32 values that are alive at once. A value lives from the node
     * that computes it to the last that reads it; values of unknown shape count nothing.
     *
     * @return bytes
     */
    static long of(Graph graph, Map<String, Shape> shapes) {
        Map<String, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            for (String input : graph.nodes().get(i).inputs()) {
                lastUse.put(input, i);
            }
        }
        graph.outputs()
                .forEach(output -> lastUse.put(output.name(), graph.nodes().size()));
        Map<String, Long> alive = new HashMap<>();
        for (Value input : graph.requiredInputs()) {
            alive.put(input.name(), bytes(shapes.get(input.name())));
        }
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        long peak = 0;
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            if (constants.containsAll(node.inputs())) {
                constants.addAll(node.outputs()); // folded at load
                continue;
            }
            int index = i;
            boolean takesOver = node.domain().isEmpty()
                    && IN_PLACE.contains(node.operator())
                    && node.inputs().stream()
                            .anyMatch(input -> alive.containsKey(input) && lastUse(lastUse, input) == index);
            if (takesOver) {
                alive.keySet().removeIf(value -> lastUse(lastUse, value) <= index);
            }
            for (String output : node.outputs()) {
                alive.put(output, bytes(shapes.get(output)));
            }
            peak = Math.max(
                    peak, alive.values().stream().mapToLong(Long::longValue).sum());
            alive.keySet().removeIf(value -> lastUse(lastUse, value) <= index);
        }
        return peak;
    }

    private static int lastUse(Map<String, Integer> lastUse, String value) {
        return lastUse.getOrDefault(value, -1);
    }

    private static long bytes(@Nullable Shape shape) {
        return shape != null && shape.isFixed() ? Float.BYTES * shape.elements() : 0;
    }
}

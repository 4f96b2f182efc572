package dev.fieldfare.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns a quantized network back into a float one, to train it: {@code QuantizeLinear} followed by {@code
 * DequantizeLinear} rounds and saturates, and here only the saturation stays, as a {@code Clip}. It has to stay, because
 * quantizers swallow the activation before them: a ReLU6 is then nothing but the range from zero point to 255.
 */
public final class FakeQuantization {
    private FakeQuantization() {}

    /** Replaces all pairs; see {@link #remove(Graph, Predicate)}. */
    public static Graph remove(Graph graph) {
        return remove(graph, node -> true);
    }

    /**
     * The graph with a {@code Clip} to the representable range in place of each matching {@code DequantizeLinear} whose
     * input a {@code QuantizeLinear} computes with the same constant scale and zero point (both 10 to 19, one scale a
     * tensor, 8 or 16 bits, float32). Values keep their names. Weights that are stored as integers are another matter:
     * {@link ConstantFolding}.
     *
     * @param which says of a {@code DequantizeLinear} node whether it may go
     */
    public static Graph remove(Graph graph, Predicate<Node> which) {
        Map<String, Node> producers = graph.producers();
        Map<Node, Range> ranges = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            Node quantizer = producers.get(node.input(0));
            if (quantizer != null
                    && node.is("DequantizeLinear")
                    && quantizer.is("QuantizeLinear")
                    && which.test(node)) {
                range(graph, quantizer, node).ifPresent(range -> ranges.put(node, range));
            }
        }
        if (ranges.isEmpty()) {
            return graph;
        }
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.removeNodes(node -> true);
        for (Node node : graph.nodes()) {
            Range range = ranges.get(node);
            if (range == null) {
                builder.add(node);
            } else {
                List<String> inputs =
                        List.of(range.input, builder.constant(range.least), builder.constant(range.greatest));
                builder.add(new Node(node.name(), "", "Clip", inputs, node.outputs(), Map.of()));
            }
        }
        builder.prune();
        return builder.build();
    }

    /** What is quantized, and the values of the least and the greatest code. */
    private record Range(String input, float least, float greatest) {}

    private static Optional<Range> range(Graph graph, Node quantizer, Node dequantizer) {
        TensorData scale = graph.initializers().get(quantizer.input(1));
        TensorData zero = graph.initializers().get(quantizer.input(2));
        if (scale == null
                || scale.type() != ElementType.FLOAT
                || scale.shape().elements() != 1
                || zero == null && !quantizer.input(2).isEmpty()
                || quantizer.attributes().containsKey("output_dtype")
                || !equal(scale, graph.initializers().get(dequantizer.input(1)))
                || !equal(zero, graph.initializers().get(dequantizer.input(2)))) {
            return Optional.empty();
        }
        ElementType type = zero == null ? ElementType.UINT8 : zero.type();
        int bits = Math.toIntExact(8 * type.bytes(1));
        long least;
        switch (type) {
            case UINT8, UINT16 -> least = 0;
            case INT8, INT16 -> least = -(1L << (bits - 1));
            default -> {
                return Optional.empty();
            }
        }
        long centre = zero == null ? 0 : ConstantConversions.integer(zero.bytes(), type, 0);
        float step = scale.floats()[0];
        return Optional.of(
                new Range(quantizer.input(0), (least - centre) * step, (least + (1L << bits) - 1 - centre) * step));
    }

    private static boolean equal(@Nullable TensorData one, @Nullable TensorData other) {
        return Objects.equals(one, other);
    }
}

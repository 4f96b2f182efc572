package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel of ONNX Runtime takes besides its output while it runs, in separate pieces. The formulas are those of its
 * CPU kernels (MLAS for the convolutions), and were compared with the figures that a session writes with
 * {@code session.collect_node_memory_stats_to_file}.
 */
final class Workspace {
    /** A thread that multiplies a convolution in pieces unrolls 128 x 128 elements at a time. */
    private static final long CONVOLUTION_PIECE = 128 * 128 * Float.BYTES;

    private Workspace() {}

    /** Bytes of each piece. Shapes that are not known count nothing. */
    static List<Long> of(Node node, Map<String, Value> values, int threads) {
        if (!node.domain().isEmpty()) {
            return List.of();
        }
        return switch (node.operator()) {
            case "Conv" -> List.of(convolution(node, values, threads));
            // It computes with the channels last, and brings its input and its output there and back.
            case "QLinearConv" -> List.of(bytes(values.get(node.input(0))), output(node, values));
            case "ConvTranspose" -> List.of(transposed(node, values));
            // It selects from each side into a tensor of its own, and merges the two.
            case "Where" -> List.of(output(node, values), output(node, values));
            // They are functions: HardSigmoid or Softplus comes first, and its result is multiplied.
            case "HardSwish", "Mish" -> List.of(output(node, values));
            case "Softmax", "LogSoftmax" -> alongOtherAxis(node, values);
            default -> List.of();
        };
    }

    private static long convolution(Node node, Map<String, Value> values, int threads) {
        Shape w = shape(values, node.input(1));
        Shape y = shape(values, node.output(0));
        if (w == null || y == null) {
            return 0;
        }
        long group = node.integer("group", 1);
        long pixels = spatial(y);
        long unrolled = w.elements() / w.size(0);
        boolean pointwise = spatial(w) == 1
                && LongStream.of(node.integers("strides")).allMatch(stride -> stride == 1)
                && LongStream.of(node.integers("pads")).allMatch(pad -> pad == 0);
        if (pointwise) {
            return 0;
        }
        return w.size(0) / group > pixels ? pixels * unrolled * Float.BYTES : threads * CONVOLUTION_PIECE;
    }

    /** One picture and one group of the columns that are then added up to the output. */
    private static long transposed(Node node, Map<String, Value> values) {
        Shape x = shape(values, node.input(0));
        Shape w = shape(values, node.input(1));
        return x == null || w == null ? 0 : w.elements() / w.size(0) * spatial(x) * Float.BYTES;
    }

    /** The rows are the last axis; another axis is brought there and back. */
    private static List<Long> alongOtherAxis(Node node, Map<String, Value> values) {
        Shape shape = shape(values, node.output(0));
        long axis = node.integer("axis", -1);
        boolean last = shape == null || axis == -1 || axis == shape.rank() - 1;
        return last ? List.of() : List.of(output(node, values), output(node, values));
    }

    private static long output(Node node, Map<String, Value> values) {
        return bytes(values.get(node.output(0)));
    }

    /** Bytes of a value, 0 where its shape is not known. */
    static long bytes(@Nullable Value value) {
        return value == null || value.shape() == null || !value.shape().isFixed()
                ? 0
                : value.type().bytes(value.shape().elements());
    }

    private static @Nullable Shape shape(Map<String, Value> values, String name) {
        Value value = values.get(name);
        return value == null || value.shape() == null || !value.shape().isFixed() ? null : value.shape();
    }

    private static long spatial(Shape shape) {
        return LongStream.of(shape.sizes()).skip(2).reduce(1, (a, b) -> a * b);
    }
}

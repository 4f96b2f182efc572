package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import java.util.List;
import java.util.Map;

/**
 * Lays the weights of convolutions out as the blocked kernels read them, by standard operators: [to / block, from / block,
 * kernel, block of from, block of to]. Channels that do not fill a block are filled up with zeros, as are those of the
 * pictures.
 *
 * @param builder where to
 * @param producers the nodes of the graph whose weights they are, by output
 */
record BlockedWeights(GraphBuilder builder, Map<String, Node> producers, int block) {
    /** The channels that so many take up. */
    static long filled(long channels, int block) {
        return (channels + block - 1) / block * block;
    }

    /** A weight [to, from, kernel height, kernel width], in one group. */
    String dense(String weight, Shape w) {
        long to = filled(w.size(0), block);
        long from = filled(w.size(1), block);
        long positions = w.size(2) * w.size(3);
        String full = weight;
        if (to > w.size(0) || from > w.size(1)) {
            full = apply("Pad", weight, builder.constant(0, 0, 0, 0, to - w.size(0), from - w.size(1), 0, 0));
        }
        String laid;
        if (positions == 1) {
            String cut = reshaped(full, Shape.of(to / block, block, from / block, block));
            laid = transposed(cut, 0, 2, 3, 1);
        } else {
            String cut = reshaped(full, Shape.of(to / block, block, from / block, block, positions));
            laid = transposed(cut, 0, 2, 4, 3, 1);
        }
        return reshaped(laid, Shape.of(to, from, w.size(2), w.size(3)));
    }

    /** The same where the convolution reads a few channels that are in no blocks: [to / block, from, kernel, block]. */
    String fromPlain(String weight, Shape w) {
        long to = filled(w.size(0), block);
        long read = w.size(1) * w.size(2) * w.size(3);
        String full = weight;
        if (to > w.size(0)) {
            full = apply("Pad", weight, builder.constant(0, 0, 0, 0, to - w.size(0), 0, 0, 0));
        }
        String laid = transposed(reshaped(full, Shape.of(to / block, block, read)), 0, 2, 1);
        return reshaped(laid, w.with(0, to));
    }

    /** A bias for so many channels. */
    String bias(String bias, long channels) {
        long all = filled(channels, block);
        return all == channels ? bias : apply("Pad", bias, builder.constant(0, all - channels));
    }

    /** The value in another shape; of one that is itself a view, what that views, as ONNX Runtime would have it. */
    String reshaped(String value, Shape shape) {
        Node view = producers.get(value);
        String viewed = view != null && view.is("Reshape") ? view.input(0) : value;
        return apply("Reshape", viewed, builder.constant(shape.sizes()));
    }

    private String transposed(String value, long... order) {
        return builder.apply(
                builder.fresh(value + "/turned"), "Transpose", List.of(value), Map.of("perm", Attribute.of(order)));
    }

    private String apply(String operator, String value, String parameters) {
        return builder.apply(builder.fresh(value + "/laid"), operator, List.of(value, parameters), Map.of());
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * A convolution from X to Y and the two others that belong to it.
 *
 * @param x the shape of X, [N, C, ...]
 * @param w the shape of the weight, [M, C / groups, ...]
 * @param y the shape of Y, [N, M, ...]
 */
record Convolution(GradientContext c, Shape x, Shape w, Shape y, long groups, Window window) {

    /** From X to Y. */
    String forward(String input, String weight) {
        Map<String, Attribute> attributes = attributes();
        return trimmed(c.apply("Conv", List.of(input, weight), attributes), y);
    }

    /** From Y to X: each output position is spread over the input positions that it was computed from. */
    String transposed(String output, String weight) {
        Map<String, Attribute> attributes = attributes();
        attributes.put("output_padding", Attribute.of(window.unread()));
        return c.apply("ConvTranspose", List.of(output, weight), attributes);
    }

    /**
     * The sum over pictures and output positions of what is read at each kernel position times what became of it. As a
     * convolution: the channels of X are the batch, the pictures the channels, and Y is the weight, whose positions are
     * the strides apart. What comes out is [C / groups, M, ...].
     */
    String byWeight(String input, String output) {
        long pictures = x.size(0);
        long channels = w.size(1);
        long[] inputs = window.input();
        String batch = c.reshape(input, x, shape(inputs, pictures, groups, channels));
        batch = c.permute(batch, shape(inputs, pictures, groups, channels), 2, 1, 0);
        batch = c.reshape(batch, shape(inputs, channels, groups, pictures), shape(inputs, channels, groups * pictures));
        String weight = c.permute(output, y, 1, 0);
        Map<String, Attribute> attributes = new TreeMap<>();
        attributes.put("group", Attribute.of(groups));
        attributes.put("strides", Attribute.of(window.dilations()));
        attributes.put("dilations", Attribute.of(window.strides()));
        attributes.put("pads", Attribute.of(window.pads()));
        String sum = trimmed(
                c.apply("Conv", List.of(batch, weight), attributes), shape(window.kernel(), channels, w.size(0)));
        return c.permute(sum, shape(window.kernel(), channels, w.size(0)), 1, 0);
    }

    private Map<String, Attribute> attributes() {
        Map<String, Attribute> attributes = new TreeMap<>();
        attributes.put("group", Attribute.of(groups));
        attributes.put("strides", Attribute.of(window.strides()));
        attributes.put("dilations", Attribute.of(window.dilations()));
        attributes.put("pads", Attribute.of(window.pads()));
        return attributes;
    }

    /** Where the last window leaves input unread, a convolution may find room for more windows: drops those. */
    private String trimmed(String convolved, Shape wanted) {
        if (Window.allEqual(window.unread(), 0)) {
            return convolved;
        }
        long[] axes = LongStream.range(2, wanted.rank()).toArray();
        return c.apply(
                "Slice",
                convolved,
                c.longs(new long[axes.length]),
                c.longs(Window.spatial(wanted.sizes())),
                c.longs(axes));
    }

    private static Shape shape(long[] spatial, long... leading) {
        return Shape.of(LongStream.concat(LongStream.of(leading), LongStream.of(spatial))
                .toArray());
    }
}

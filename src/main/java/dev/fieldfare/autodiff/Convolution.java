package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * A convolution from X to Y, and its transpose from Y to X. {@link ConvWeightGradient} has what is between X and Y.
 *
 * @param x the shape of X, [N, C, ...]
 * @param w the shape of the weight, [M, C / groups, ...]
 * @param y the shape of Y, [N, M, ...]
 */
record Convolution(GradientContext c, Shape x, Shape w, Shape y, long groups, Window window) {

    /** From X to Y. */
    String forward(String input, String weight) {
        return trimmed(c.apply("Conv", List.of(input, weight), attributes()), y);
    }

    /** Whether each channel has a kernel of its own, without strides and dilations, in two dimensions. */
    boolean isDepthwise() {
        return window.rank() == 2
                && w.size(1) == 1
                && w.size(0) == groups
                && !window.hasStrides()
                && Window.allEqual(window.dilations(), 1);
    }

    /** Whether each channel has a kernel of its own, and the runtime needs no help with that. */
    boolean isDirect() {
        return window.rank() == 2
                && w.size(1) == 1
                && w.size(0) == groups
                && x.size(1) == groups
                && c.kernels().areDirect(groups);
    }

    /** From Y to X: each output position is spread over the input positions that it was computed from. */
    String transposed(String output, String weight) {
        SmallDepthwise small = new SmallDepthwise(this);
        if (small.applies()) {
            return small.byInput(output, weight);
        }
        if (gathers()) {
            return c.apply("Conv", List.of(output, turned(weight)), gathering());
        }
        Map<String, Attribute> attributes = attributes();
        attributes.put("output_padding", Attribute.of(window.unread()));
        return c.apply("ConvTranspose", List.of(output, weight), attributes);
    }

    /**
     * Whether each input position had better gather from the output by a Conv, which without strides reads it through the
     * turned kernel, than have the output spread by ConvTranspose, which is slower, most of all in groups (3.0 ms against
     * 6.1 for a depthwise 3 x 3 on [4, 144, 56, 56]), but spares turning the weight (0.04 ms against 0.07 for a 3 x 3 on
     * [1, 64, 8, 8]). A kernel of one position is only transposed, which always pays (0.43 ms against 0.70 for 144 to 24
     * channels on [4, 144, 56, 56]).
     */
    private boolean gathers() {
        long positions = y.elements() / y.size(1);
        boolean isWorthTurning = window.positions() == 1 || w.size(1) * (w.size(0) / groups) <= 8 * positions;
        return !window.hasStrides() && isWorthTurning && Window.allAtLeast(window.turnedPads(), 0);
    }

    private Map<String, Attribute> gathering() {
        Map<String, Attribute> attributes = attributes();
        attributes.put("pads", Attribute.of(window.turnedPads()));
        return attributes;
    }

    /** The weight with its channels swapped and its kernel turned round: [C, M / groups, ...]. */
    private String turned(String weight) {
        String fromMap = turnedMap(weight);
        if (!fromMap.isEmpty()) {
            return fromMap;
        }
        long from = w.size(1);
        long to = w.size(0) / groups;
        Shape swapped = shape(window.kernel(), x.size(1), to);
        String turned;
        if (from == 1 || to == 1) {
            turned = c.reshape(weight, w, swapped);
        } else {
            Shape grouped = shape(window.kernel(), groups, to, from);
            turned = c.permute(c.reshape(weight, w, grouped), grouped, 0, 2, 1);
            turned = c.reshape(turned, shape(window.kernel(), groups, from, to), swapped);
        }
        if (window.positions() == 1) {
            return turned;
        }
        long[] last = new long[window.rank()];
        Arrays.fill(last, -1);
        long[] beforeFirst =
                LongStream.of(window.kernel()).map(size -> -size - 1).toArray();
        long[] axes = LongStream.range(2, w.rank()).toArray();
        return c.apply("Slice", turned, c.longs(last), c.longs(beforeFirst), c.longs(axes), c.longs(last));
    }

    /**
     * A weight that is a constant matrix times another one, as {@link SmallMaps} makes it, is turned by turning that matrix.
     * Empty for all others.
     */
    private String turnedMap(String weight) {
        Node view = c.producers().get(weight);
        Node product = view != null && view.is("Reshape") ? c.producers().get(view.input(0)) : null;
        TensorData map = product != null && product.is("MatMul") ? c.constant(product.input(1)) : null;
        long row = w.elements() / groups;
        if (product == null
                || map == null
                || map.type() != ElementType.FLOAT
                || map.shape().rank() != 2
                || map.shape().size(1) != row) {
            return "";
        }
        int from = (int) w.size(1);
        int to = (int) (w.size(0) / groups);
        int positions = (int) window.positions();
        float[] old = map.floats();
        float[] turned = new float[old.length];
        for (int i = 0; i < old.length; i++) {
            int within = i % (int) row;
            int position = within % positions;
            int x = within / positions % from;
            int y = within / positions / from;
            turned[i - within + (x * to + y) * positions + positions - 1 - position] = old[i];
        }
        String all = c.apply(
                "MatMul",
                product.input(0),
                c.tensor(TensorData.ofFloats(turned, map.shape().sizes())));
        return c.apply(
                "Reshape", all, c.longs(shape(window.kernel(), x.size(1), to).sizes()));
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
    String trimmed(String convolved, Shape wanted) {
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

    /** A shape of leading dimensions and spatial ones. */
    static Shape shape(long[] spatial, long... leading) {
        return Shape.of(LongStream.concat(LongStream.of(leading), LongStream.of(spatial))
                .toArray());
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The gradient of {@code Resize}, nearest and linear. A resize is a linear map, and one along each axis by itself: with
 * the weights of {@link InterpolationWeights} as a matrix {@code M}, {@code y = M x} along the axis, so the gradient is
 * {@code M'} times the gradient of the output.
 */
final class ResizeGradient {
    private ResizeGradient() {}

    static void resize(GradientContext c) {
        refuseOthers(c.node());
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        float[] scales = scales(c, x, y);
        String gradient = c.gradOutput(0);
        Shape now = y;
        for (int axis = 0; axis < x.rank(); axis++) {
            InterpolationWeights weights =
                    InterpolationWeights.of(c.node(), (int) x.size(axis), (int) y.size(axis), scales[axis]);
            Shape next = now.with(axis, x.size(axis));
            if (weights.isRepetition()) {
                gradient = sumCopies(c, gradient, now, next, axis);
            } else if (!weights.isIdentity()) {
                gradient = multiply(c, gradient, now, next, axis, weights);
            }
            now = next;
        }
        c.gradInput(0, gradient);
    }

    private static void refuseOthers(Node node) {
        String mode = node.text("mode", "nearest");
        if (!Set.of("nearest", "linear").contains(mode)
                || node.integer("antialias", 0) != 0
                || node.text("coordinate_transformation_mode", "").equals("tf_crop_and_resize")
                || !node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
            throw new FieldfareException(
                    "the " + node.describe() + " has no gradient: there are gradients for the modes nearest and linear"
                            + " without antialias, tf_crop_and_resize and keep_aspect_ratio_policy,"
                            + " and this is " + mode + "; train from a later node on");
        }
    }

    /** The factor for each axis: what the node says, or the ratio of the sizes. */
    private static float[] scales(GradientContext c, Shape x, Shape y) {
        float[] scales = new float[x.rank()];
        boolean given = !c.input(2).isEmpty() && c.shape(c.input(2)).elements() > 0;
        Arrays.fill(scales, 1);
        if (!given) {
            for (int i = 0; i < scales.length; i++) {
                scales[i] = (float) y.size(i) / x.size(i);
            }
            return scales;
        }
        TensorData data = c.constant(2);
        if (data == null) {
            throw new FieldfareException(
                    "the scales '" + c.input(2) + "' of the " + c.node().describe()
                            + " are computed, so the node has no gradient; fold the model's constants, or train from a"
                            + " later node on");
        }
        float[] elements = data.floats();
        long[] axes = c.node().integers("axes");
        for (int i = 0; i < elements.length; i++) {
            scales[axes.length == 0 ? i : (int) Math.floorMod(axes[i], x.rank())] = elements[i];
        }
        return scales;
    }

    /** Nearest neighbours by a whole factor are copies next to one another. */
    private static String sumCopies(GradientContext c, String gradient, Shape from, Shape to, int axis) {
        long[] copies = new long[from.rank() + 1];
        for (int i = 0; i < from.rank(); i++) {
            copies[i <= axis ? i : i + 1] = to.size(i);
        }
        copies[axis + 1] = from.size(axis) / to.size(axis);
        String apart = c.reshape(gradient, from, Shape.of(copies));
        return c.apply("ReduceSum", List.of(apart, c.longs(axis + 1)), Map.of("keepdims", Attribute.of(0)));
    }

    private static String multiply(
            GradientContext c, String gradient, Shape from, Shape to, int axis, InterpolationWeights weights) {
        long before = Shape.of(Arrays.copyOf(from.sizes(), axis)).elements();
        long after = from.elements() / before / from.size(axis);
        String product;
        if (after == 1) {
            String rows = c.reshape(gradient, from, Shape.of(before, from.size(axis)));
            product = c.apply("MatMul", rows, c.tensor(weights.matrix(false)));
        } else {
            String planes = c.reshape(gradient, from, Shape.of(before, from.size(axis), after));
            product = c.apply("MatMul", c.tensor(weights.matrix(true)), planes);
        }
        return c.apply("Reshape", product, c.longs(to.sizes()));
    }
}

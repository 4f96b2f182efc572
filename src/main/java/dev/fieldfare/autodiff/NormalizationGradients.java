package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Gradients of the normalizations whose mean and variance are those of parts of a sample: y = scale n + bias, where n =
 * (x - mean) r and r = 1 / sqrt(variance + epsilon). By x, with g = dy scale, r (g - mean(g) - n mean(g n)) (Ba et al.,
 * "Layer Normalization", 2016). ONNX Runtime's layer normalization computes n and r again, in one pass over x.
 */
final class NormalizationGradients {
    private NormalizationGradients() {}

    static void layer(GradientContext c) {
        if (c.hasGradOutput(1) || c.hasGradOutput(2)) {
            throw new FieldfareException("the loss depends on the mean or the deviation that the "
                    + c.node().describe() + " gives out, by which Fieldfare cannot differentiate; train from a later "
                    + "node on");
        }
        Shape x = c.shape(c.input(0));
        int axis = Math.floorMod(c.node().integer("axis", -1), x.rank());
        Normalized normalized = Normalized.of(c, c.input(0), x, axis);
        String dy = c.gradOutput(0);
        if (c.needsGrad(0)) {
            c.gradInput(0, normalized.gradient(c, c.apply("Mul", dy, c.input(1))));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, c.sumTo(c.apply("Mul", dy, normalized.value), x, c.shape(c.input(1))));
        }
        if (c.needsGrad(2)) {
            c.gradInput(2, c.sumTo(dy, x, c.shape(c.input(2))));
        }
    }

    /** Each channel of each sample by itself. */
    static void instance(GradientContext c) {
        groups(c, c.shape(c.input(0)).size(1));
    }

    /** Scale and bias have one element a group in operator set 18, one a channel since 21; their shape tells. */
    static void group(GradientContext c) {
        groups(c, c.node().integer("num_groups", 0));
    }

    private static void groups(GradientContext c, long groups) {
        Shape x = c.shape(c.input(0));
        Shape perScale = c.shape(c.input(1));
        long samples = x.size(0);
        long scales = perScale.size(0);
        Shape byGroup = Shape.of(samples, groups, x.elements() / (samples * groups));
        Shape byScale = Shape.of(samples, scales, x.elements() / (samples * scales));
        Shape column = Shape.of(scales, 1);
        Normalized normalized = Normalized.of(c, c.reshape(c.input(0), x, byGroup), byGroup, 2);
        String dy = c.reshape(c.gradOutput(0), x, byScale);
        if (c.needsGrad(0)) {
            String scaled = c.apply("Mul", dy, c.reshape(c.input(1), perScale, column));
            String gradient = normalized.gradient(c, c.reshape(scaled, byScale, byGroup));
            c.gradInput(0, c.reshape(gradient, byGroup, x));
        }
        if (c.needsGrad(1)) {
            String product = c.apply("Mul", dy, c.reshape(normalized.value, byGroup, byScale));
            c.gradInput(1, c.reshape(c.sumTo(product, byScale, column), column, perScale));
        }
        if (c.needsGrad(2)) {
            c.gradInput(2, c.reshape(c.sumTo(dy, byScale, column), column, perScale));
        }
    }

    /**
     * A value of mean 0 and variance 1 along the axes from the first on.
     *
     * @param value n, of the shape of x
     * @param reciprocal r, with the normalized axes as dimensions of size 1
     */
    private record Normalized(String value, String reciprocal, long[] axes) {
        static Normalized of(GradientContext c, String x, Shape shape, int axis) {
            Shape part = Shape.of(Arrays.copyOfRange(shape.sizes(), axis, shape.rank()));
            Map<String, Attribute> attributes = Map.of(
                    "axis", Attribute.of(axis),
                    "epsilon", Attribute.of(c.node().real("epsilon", 1e-5f)));
            String ones = c.expand(c.scalar(1), Shape.of(), part);
            List<String> outputs = c.apply("LayerNormalization", List.of(x, ones), attributes, 3);
            long[] axes = LongStream.range(axis, shape.rank()).toArray();
            return new Normalized(outputs.getFirst(), outputs.getLast(), axes);
        }

        /** The gradient by x, given that by n. */
        String gradient(GradientContext c, String byValue) {
            String axisList = c.longs(axes);
            String mean = c.apply("ReduceMean", byValue, axisList);
            String slope = c.apply("ReduceMean", c.apply("Mul", byValue, value), axisList);
            String rest = c.apply("Sub", c.apply("Sub", byValue, mean), c.apply("Mul", value, slope));
            return c.apply("Mul", rest, reciprocal);
        }
    }
}

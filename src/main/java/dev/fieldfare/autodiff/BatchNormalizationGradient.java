package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The gradient of batch normalization with given statistics: y = scale n + bias, where n = (x - mean) r and r = 1 /
 * sqrt(variance + epsilon), all but x by channel.
 */
final class BatchNormalizationGradient implements GradientRule {
    @Override
    public void apply(GradientContext c) {
        if (c.node().integer("training_mode", 0) != 0) {
            throw new FieldfareException("the " + c.node().describe() + " is in training mode, which ONNX Runtime does "
                    + "not run; replace it by BatchStatistics before differentiating");
        }
        Shape x = c.shape(c.input(0));
        String dy = c.gradOutput(0);
        String variance = c.apply("Add", c.input(4), c.scalar(c.node().real("epsilon", 1e-5f)));
        String reciprocal = c.apply("Reciprocal", c.apply("Sqrt", variance));
        String slope = c.apply("Mul", c.input(1), reciprocal);
        if (c.needsGrad(0)) {
            c.gradInput(0, c.apply("Mul", dy, byChannel(c, slope, x)));
        }
        if (!c.needsGrad(1) && !c.needsGrad(2) && !c.needsGrad(3) && !c.needsGrad(4)) {
            return;
        }
        String sum = sum(c, dy, x);
        if (c.needsGrad(2)) {
            c.gradInput(2, sum);
        }
        if (c.needsGrad(3)) {
            c.gradInput(3, c.apply("Neg", c.apply("Mul", slope, sum)));
        }
        if (!c.needsGrad(1) && !c.needsGrad(4)) {
            return;
        }
        // sum(dy n) = r (sum(dy x) - mean sum(dy)): one pass less than with n.
        String centred = c.apply("Sub", sum(c, c.apply("Mul", dy, c.input(0)), x), c.apply("Mul", c.input(3), sum));
        String byScale = c.apply("Mul", centred, reciprocal);
        if (c.needsGrad(1)) {
            c.gradInput(1, byScale);
        }
        if (c.needsGrad(4)) {
            // By r, sum(dy (x - mean)) scale; by the variance, -r³ / 2 times that.
            String half = c.apply("Mul", c.apply("Mul", slope, byScale), c.scalar(-0.5f));
            c.gradInput(4, c.apply("Mul", half, reciprocal));
        }
    }

    /** A number for each channel, to be broadcast over x. */
    private static String byChannel(GradientContext c, String numbers, Shape x) {
        long[] sizes =
                LongStream.range(1, x.rank()).map(i -> i == 1 ? x.size(1) : 1).toArray();
        return c.reshape(numbers, Shape.of(x.size(1)), Shape.of(sizes));
    }

    /** Sums over all axes but that of the channels. */
    private static String sum(GradientContext c, String value, Shape x) {
        long[] axes = LongStream.range(0, x.rank()).filter(i -> i != 1).toArray();
        return c.apply("ReduceSum", List.of(value, c.longs(axes)), Map.of("keepdims", Attribute.of(0)));
    }
}

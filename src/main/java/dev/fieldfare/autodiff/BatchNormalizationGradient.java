package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The gradient of batch normalization: y = scale n + bias, where n = (x - mean) r and r = 1 / sqrt(variance + epsilon),
 * all but x by channel. By x, dy scale r; where mean and variance are those of x itself ({@link BatchStatistics}), scale
 * r (dy - mean(dy) - n mean(dy n)) (Ioffe and Szegedy, "Batch Normalization", 2015, section 3). The runtime's own batch
 * normalization is the fastest way to scale and shift channels, so the gradient is made of it, too.
 */
final class BatchNormalizationGradient implements GradientRule {
    @Override
    public void apply(GradientContext c) {
        if (c.node().integer("training_mode", 0) != 0) {
            throw new FieldfareException("the " + c.node().describe() + " is in training mode, which ONNX Runtime does "
                    + "not run; rewrite the graph with BatchStatistics before it is differentiated");
        }
        Channels channels = new Channels(c);
        if (BatchStatistics.areOfTheInput(c.producers(), c.node())) {
            c.gradInputContained(3);
            c.gradInputContained(4);
            throughStatistics(c, channels);
        } else {
            withFixedStatistics(c, channels);
        }
    }

    private static void withFixedStatistics(GradientContext c, Channels channels) {
        if (c.needsGrad(0)) {
            c.gradInput(0, channels.slope(c.gradOutput(0)));
        }
        if (!c.needsGrad(1) && !c.needsGrad(2) && !c.needsGrad(3) && !c.needsGrad(4)) {
            return;
        }
        String sum = channels.sum(c.gradOutput(0));
        String reciprocal = channels.reciprocal();
        if (c.needsGrad(2)) {
            c.gradInput(2, sum);
        }
        if (c.needsGrad(3)) {
            c.gradInput(3, c.apply("Neg", c.apply("Mul", c.apply("Mul", c.input(1), reciprocal), sum)));
        }
        if (c.needsGrad(1) || c.needsGrad(4)) {
            String byScale = channels.byScale(sum, reciprocal);
            c.gradInput(1, byScale);
            // By r, scale sum(dy (x - mean)); by the variance, -r³ / 2 times that.
            String byNormalized = c.apply("Mul", c.apply("Mul", c.input(1), byScale), c.scalar(-0.5f));
            c.gradInput(4, c.apply("Mul", byNormalized, c.apply("Mul", reciprocal, reciprocal)));
        }
    }

    private static void throughStatistics(GradientContext c, Channels channels) {
        String sum = channels.sum(c.gradOutput(0));
        c.gradInput(2, sum);
        if (!c.needsGrad(0) && !c.needsGrad(1)) {
            return;
        }
        String reciprocal = channels.reciprocal();
        String byScale = channels.byScale(sum, reciprocal);
        c.gradInput(1, byScale);
        if (c.needsGrad(0)) {
            // -mean(dy) - (x - mean) r mean(dy n) is a batch normalization of x by itself.
            String share = c.scalar(-1f / channels.elements());
            String slope = c.apply("Mul", c.apply("Mul", byScale, reciprocal), share);
            String offset = c.apply("Mul", sum, share);
            String correction = channels.normalize(c.input(0), slope, offset, c.input(3), channels.constant(1), 0);
            c.gradInput(0, channels.slope(c.apply("Add", c.gradOutput(0), correction)));
        }
    }

    /** Numbers by channel. */
    private record Channels(GradientContext c) {
        Shape x() {
            return c.shape(c.input(0));
        }

        float epsilon() {
            return c.node().real("epsilon", 1e-5f);
        }

        /** Elements in each channel. */
        long elements() {
            return x().elements() / x().size(1);
        }

        String constant(float value) {
            return c.expand(c.scalar(value), Shape.of(), Shape.of(x().size(1)));
        }

        String reciprocal() {
            String variance = c.apply("Add", c.input(4), c.scalar(epsilon()));
            return c.apply("Reciprocal", c.apply("Sqrt", variance));
        }

        /** Sums over all axes but that of the channels. */
        String sum(String value) {
            long[] axes = LongStream.range(0, x().rank()).filter(i -> i != 1).toArray();
            return c.apply("ReduceSum", List.of(value, c.longs(axes)), Map.of("keepdims", Attribute.of(0)));
        }

        /** sum(dy n) = r (sum(dy x) - mean sum(dy)): one pass less than with n. */
        String byScale(String sum, String reciprocal) {
            String product = sum(c.apply("Mul", c.gradOutput(0), c.input(0)));
            return c.apply("Mul", c.apply("Sub", product, c.apply("Mul", c.input(3), sum)), reciprocal);
        }

        /** A value times scale r. */
        String slope(String value) {
            String zeros = constant(0);
            return normalize(value, c.input(1), zeros, zeros, c.input(4), epsilon());
        }

        String normalize(String value, String scale, String bias, String mean, String variance, float epsilon) {
            return c.apply(
                    "BatchNormalization",
                    List.of(value, scale, bias, mean, variance),
                    Map.of("epsilon", Attribute.of(epsilon)));
        }
    }
}

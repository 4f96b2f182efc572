package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import java.util.List;
import java.util.Map;

/**
 * Gradients of Relu's relatives: straight lines for positive inputs, something else for negative ones. Where the output
 * has the input's sign, they are written in the output.
 */
final class RectifierGradients {
    private RectifierGradients() {}

    /**
     * The sign of x goes through a leaky unit of its own: 1 stays 1, and the slope -alpha makes alpha of -1. At zero, where
     * there is a kink, the gradient is zero.
     */
    static void leakyRelu(GradientContext c) {
        float alpha = c.node().real("alpha", 0.01f);
        String sign = c.apply("Sign", alpha > 0 ? c.output(0) : c.input(0));
        UnaryGradients.multiply(c, c.apply("LeakyRelu", List.of(sign), Map.of("alpha", Attribute.of(-alpha))));
    }

    /** As {@link #leakyRelu}, with slopes that are broadcast to x; by the slopes, min(x, 0). */
    static void pRelu(GradientContext c) {
        if (c.needsGrad(0)) {
            UnaryGradients.multiply(c, c.apply("PRelu", c.apply("Sign", c.input(0)), c.apply("Neg", c.input(1))));
        }
        if (c.needsGrad(1)) {
            String product = c.apply("Mul", c.gradOutput(0), c.apply("Min", c.input(0), c.scalar(0)));
            c.gradInput(1, c.sumTo(product, c.shape(c.output(0)), c.shape(c.input(1))));
        }
    }

    static void thresholdedRelu(GradientContext c) {
        String threshold = c.scalar(c.node().real("alpha", 1));
        UnaryGradients.multiply(c, Masks.number(c, c.apply("Greater", c.input(0), threshold)));
    }

    static void elu(GradientContext c) {
        exponential(c, 1, c.node().real("alpha", 1));
    }

    /** The defaults are those of Klambauer et al., "Self-Normalizing Neural Networks", 2017, as in ONNX. */
    static void selu(GradientContext c) {
        float gamma = c.node().real("gamma", 1.0507009873554805f);
        exponential(c, gamma, gamma * c.node().real("alpha", 1.6732632423543772f));
    }

    /** Slope 1 for positive x; for negative ones exp(x / alpha) = y / alpha + 1. */
    static void celu(GradientContext c) {
        String negative = c.apply("Min", c.output(0), c.scalar(0));
        float alpha = c.node().real("alpha", 1);
        String scaled = alpha == 1 ? negative : c.apply("Mul", negative, c.scalar(1 / alpha));
        UnaryGradients.multiply(c, c.apply("Add", scaled, c.scalar(1)));
    }

    /** A slope for positive x; for negative ones y = height (exp(x) - 1), so that dy/dx = y + height. */
    private static void exponential(GradientContext c, float slope, float height) {
        if (slope < 0 || height < 0) {
            throw new FieldfareException(
                    "the " + c.node().describe() + " has a negative alpha or gamma, with which its output does not"
                            + " tell positive inputs from negative ones; Fieldfare differentiates"
                            + " it only with positive ones: train from a later node on");
        }
        String derivative = c.apply("Add", c.apply("Min", c.output(0), c.scalar(0)), c.scalar(height));
        if (slope != height) {
            String positive = Masks.positive(c, c.output(0));
            derivative = c.apply("Add", derivative, c.apply("Mul", positive, c.scalar(slope - height)));
        }
        UnaryGradients.multiply(c, derivative);
    }
}

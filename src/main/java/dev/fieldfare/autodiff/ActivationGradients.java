package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import java.util.List;
import java.util.Map;

/** Gradients of the S-shaped and gated activation functions. */
final class ActivationGradients {
    private ActivationGradients() {}

    /** Slope alpha where y = alpha x + beta lies strictly between 0 and 1. */
    static void hardSigmoid(GradientContext c) {
        String y = c.output(0);
        String inside = c.apply("And", c.apply("Greater", y, c.scalar(0)), c.apply("Less", y, c.scalar(1)));
        String slope = c.scalar(c.node().real("alpha", 0.2f));
        UnaryGradients.multiply(c, c.apply("Mul", Masks.number(c, inside), slope));
    }

    /**
     * y = x h with h = clip(x / 6 + 1/2, 0, 1), so h, and x / 6 more where x lies strictly between -3 and 3. The mask is a
     * hard sigmoid of |x| as steep as {@link Masks#positive}: powers of two, so that it falls from 1 to 0 at 3 exactly.
     */
    static void hardSwish(GradientContext c) {
        String x = c.input(0);
        String gate = hardSigmoid(c, x, 1f / 6, 0.5f);
        String inside = hardSigmoid(c, c.apply("Abs", x), -0x1p120f, 3 * 0x1p120f);
        String slope = c.apply("Mul", c.apply("Mul", x, inside), c.scalar(1f / 6));
        UnaryGradients.multiply(c, c.apply("Add", gate, slope));
    }

    private static String hardSigmoid(GradientContext c, String value, float alpha, float beta) {
        return c.apply("HardSigmoid", List.of(value), Map.of("alpha", Attribute.of(alpha), "beta", Attribute.of(beta)));
    }

    /** sigmoid(x) */
    static void softplus(GradientContext c) {
        UnaryGradients.multiply(c, c.apply("Sigmoid", c.input(0)));
    }

    /** y = x / (1 + |x|), so 1 / (1 + |x|)² = (1 - |y|)² */
    static void softsign(GradientContext c) {
        String root = c.apply("Sub", c.scalar(1), c.apply("Abs", c.output(0)));
        UnaryGradients.multiply(c, c.apply("Mul", root, root));
    }

    /** y = x t with t = tanh(softplus(x)), so t + x (1 - t²) sigmoid(x) = t + (x - y t) sigmoid(x). */
    static void mish(GradientContext c) {
        String x = c.input(0);
        String t = c.apply("Tanh", c.apply("Softplus", x));
        String rest = c.apply("Sub", x, c.apply("Mul", c.output(0), t));
        UnaryGradients.multiply(c, c.apply("Add", t, c.apply("Mul", rest, c.apply("Sigmoid", x))));
    }

    /** 2 / sqrt(pi) exp(-x²) */
    static void erf(GradientContext c) {
        String x = c.input(0);
        String bell = c.apply("Exp", c.apply("Mul", x, c.apply("Neg", x)));
        UnaryGradients.multiply(c, c.apply("Mul", bell, c.scalar((float) (2 / Math.sqrt(Math.PI)))));
    }

    /** Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016. */
    static void gelu(GradientContext c) {
        UnaryGradients.multiply(c, c.node().text("approximate", "none").equals("tanh") ? tanhGelu(c) : exactGelu(c));
    }

    /** y = x P(x) with the normal distribution P and its density p: P(x) + x p(x). */
    private static String exactGelu(GradientContext c) {
        String x = c.input(0);
        String erf = c.apply("Erf", c.apply("Mul", x, c.scalar((float) Math.sqrt(0.5))));
        String distribution = c.apply("Mul", c.apply("Add", erf, c.scalar(1)), c.scalar(0.5f));
        String bell = c.apply("Exp", c.apply("Mul", c.apply("Mul", x, x), c.scalar(-0.5f)));
        String density = c.apply("Mul", bell, c.scalar((float) Math.sqrt(0.5 / Math.PI)));
        return c.apply("Add", distribution, c.apply("Mul", x, density));
    }

    /** y = x (1 + t) / 2 with t = tanh(u), u = k (x + a x³): (1 + t) / 2 + x (1 - t²) k (1 + 3 a x²) / 2. */
    private static String tanhGelu(GradientContext c) {
        float k = (float) Math.sqrt(2 / Math.PI);
        float a = 0.044715f;
        String x = c.input(0);
        String square = c.apply("Mul", x, x);
        String u = c.apply("Mul", x, c.apply("Add", c.apply("Mul", square, c.scalar(k * a)), c.scalar(k)));
        String t = c.apply("Tanh", u);
        // 1 - t² is (1 + t)(1 - t).
        String sum = c.apply("Add", t, c.scalar(1));
        String inner = c.apply("Add", c.apply("Mul", square, c.scalar(3 * k * a)), c.scalar(k));
        String slope = c.apply("Mul", c.apply("Mul", x, c.apply("Sub", c.scalar(1), t)), inner);
        String half = c.apply("Mul", sum, c.scalar(0.5f));
        return c.apply("Add", half, c.apply("Mul", half, slope));
    }
}

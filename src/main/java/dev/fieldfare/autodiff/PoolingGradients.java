package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Shape;

/** Gradients of pooling. */
final class PoolingGradients {
    /** Keeps the division defined; its third power still is a normal number. */
    private static final float LEAST_NORM = 0x1p-40f;

    private PoolingGradients() {}

    /** Every element of a channel has the same share in its mean. */
    static void globalAveragePool(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        String share = c.scalar((float) y.elements() / x.elements());
        c.gradInput(0, c.expand(c.apply("Mul", c.gradOutput(0), share), y, x));
    }

    /** Y = (sum of |x|^p)^(1/p) over each window; a window of zeros, where Y has a kink, passes nothing. */
    static void lpPool(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        Window window = Window.of(
                c.node(), c.node().integers("kernel_shape"), Window.spatial(x.sizes()), Window.spatial(y.sizes()));
        c.gradInput(0, timesPower(c, AveragePoolGradient.overWindows(c, window, normShares(c), 1)));
    }

    static void globalLpPool(GradientContext c) {
        c.gradInput(0, timesPower(c, normShares(c)));
    }

    /** dY Y^(1 - p). */
    private static String normShares(GradientContext c) {
        long p = c.node().integer("p", 2);
        if (p == 1) {
            return c.gradOutput(0);
        }
        String norm = c.apply("Max", c.output(0), c.scalar(LEAST_NORM));
        return c.apply("Div", c.gradOutput(0), p == 2 ? norm : c.apply("Pow", norm, c.scalar(p - 1)));
    }

    /** By sign(x) |x|^(p - 1), which is x for p = 2. */
    private static String timesPower(GradientContext c, String shares) {
        long p = c.node().integer("p", 2);
        if (p == 2) {
            return c.apply("Mul", shares, c.input(0));
        }
        String signed = c.apply("Mul", shares, c.apply("Sign", c.input(0)));
        if (p == 1) {
            return signed;
        }
        String size = c.apply("Abs", c.input(0));
        return c.apply("Mul", signed, p == 3 ? c.apply("Mul", size, size) : c.apply("Pow", size, c.scalar(p - 1)));
    }
}

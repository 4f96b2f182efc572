package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Shape;

/** Gradients of pooling. */
final class PoolingGradients {
    private PoolingGradients() {}

    /** Every element of a channel has the same share in its mean. */
    static void globalAveragePool(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        String share = c.scalar((float) y.elements() / x.elements());
        c.gradInput(0, c.expand(c.apply("Mul", c.gradOutput(0), share), y, x));
    }
}

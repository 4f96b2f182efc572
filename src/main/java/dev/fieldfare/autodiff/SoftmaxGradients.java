package dev.fieldfare.autodiff;

/** Gradients of softmax and its logarithm along one axis. */
final class SoftmaxGradients {
    private SoftmaxGradients() {}

    /** y (dy - sum(y dy)) */
    static void softmax(GradientContext c) {
        String sum = c.sumOver(c.apply("Mul", c.output(0), c.gradOutput(0)), axis(c));
        c.gradInput(0, c.apply("Mul", c.output(0), c.apply("Sub", c.gradOutput(0), sum)));
    }

    /** dy - exp(y) sum(dy) */
    static void logSoftmax(GradientContext c) {
        String sum = c.sumOver(c.gradOutput(0), axis(c));
        c.gradInput(0, c.apply("Sub", c.gradOutput(0), c.apply("Mul", c.apply("Exp", c.output(0)), sum)));
    }

    private static long axis(GradientContext c) {
        return c.node().integer("axis", -1);
    }
}

package dev.fieldfare.autodiff;

/** Gradients of the elementwise operators of any number of values, which broadcast. */
final class VariadicGradients {
    private VariadicGradients() {}

    static void sum(GradientContext c) {
        shareAmongAll(c, c.gradOutput(0));
    }

    static void mean(GradientContext c) {
        int count = c.node().inputs().size();
        shareAmongAll(c, c.apply("Mul", c.gradOutput(0), c.scalar(1f / count)));
    }

    private static void shareAmongAll(GradientContext c, String share) {
        for (int i = 0; i < c.node().inputs().size(); i++) {
            if (c.needsGrad(i)) {
                gradInput(c, i, share);
            }
        }
    }

    /**
     * For Max and Min: the gradient goes to the input that the output equals, to the first of them where several are equal.
     */
    static void select(GradientContext c) {
        int count = c.node().inputs().size();
        int last = count - 1;
        while (!c.needsGrad(last)) {
            last--;
        }
        String rest = c.gradOutput(0);
        for (int i = 0; i <= last; i++) {
            String chosen = rest;
            if (i < count - 1) {
                chosen = c.apply("Mul", rest, Masks.number(c, c.apply("Equal", c.input(i), c.output(0))));
            }
            if (c.needsGrad(i)) {
                gradInput(c, i, chosen);
            }
            if (i < last) {
                rest = c.apply("Sub", rest, chosen);
            }
        }
    }

    /** By the value chosen where the condition holds, and by the other. */
    static void where(GradientContext c) {
        String dy = c.gradOutput(0);
        String first = c.apply("Mul", dy, Masks.number(c, c.input(0)));
        if (c.needsGrad(1)) {
            gradInput(c, 1, first);
        }
        if (c.needsGrad(2)) {
            gradInput(c, 2, c.apply("Sub", dy, first));
        }
    }

    private static void gradInput(GradientContext c, int index, String gradient) {
        c.gradInput(index, c.sumTo(gradient, c.shape(c.output(0)), c.shape(c.input(index))));
    }
}

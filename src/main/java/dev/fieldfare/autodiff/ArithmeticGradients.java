package dev.fieldfare.autodiff;

/** Gradients of the elementwise operators of two values, which broadcast. */
final class ArithmeticGradients {
    private ArithmeticGradients() {}

    static void add(GradientContext c) {
        for (int i = 0; i < 2; i++) {
            if (c.needsGrad(i)) {
                c.gradInput(i, sumToInput(c, i, c.gradOutput(0)));
            }
        }
    }

    static void sub(GradientContext c) {
        if (c.needsGrad(0)) {
            c.gradInput(0, sumToInput(c, 0, c.gradOutput(0)));
        }
        if (c.needsGrad(1)) {
            // Negated after the sum, where there is less to negate.
            c.gradInput(1, c.apply("Neg", sumToInput(c, 1, c.gradOutput(0))));
        }
    }

    static void mul(GradientContext c) {
        for (int i = 0; i < 2; i++) {
            if (c.needsGrad(i)) {
                c.gradInput(i, sumToInput(c, i, c.apply("Mul", c.gradOutput(0), c.input(1 - i))));
            }
        }
    }

    /** For y = a / b: by a, 1 / b; by b, -a / b² = -y / b. */
    static void div(GradientContext c) {
        String quotient = c.apply("Div", c.gradOutput(0), c.input(1));
        if (c.needsGrad(0)) {
            c.gradInput(0, sumToInput(c, 0, quotient));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, c.apply("Neg", sumToInput(c, 1, c.apply("Mul", quotient, c.output(0)))));
        }
    }

    private static String sumToInput(GradientContext c, int index, String gradient) {
        return c.sumTo(gradient, c.shape(c.output(0)), c.shape(c.input(index)));
    }
}

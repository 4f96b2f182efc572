package dev.fieldfare.autodiff;

import java.util.ArrayList;
import java.util.List;

/**
 * Gradients of the elementwise functions of one value. Those that can be are written in the output {@code y} instead of
 * the input {@code x}, so that the input's memory is free as soon as the output is there. At a kink the gradient is
 * zero.
 */
final class UnaryGradients {
    private UnaryGradients() {}

    static void neg(GradientContext c) {
        c.gradInput(0, c.apply("Neg", c.gradOutput(0)));
    }

    static void abs(GradientContext c) {
        multiply(c, c.apply("Sign", c.input(0)));
    }

    static void relu(GradientContext c) {
        multiply(c, Masks.positive(c, c.output(0)));
    }

    /** Passes where the output lies strictly between the limits, as PyTorch's ReLU6 has it. */
    static void clip(GradientContext c) {
        String y = c.output(0);
        List<String> conditions = new ArrayList<>();
        if (!c.input(1).isEmpty()) {
            conditions.add(c.apply("Greater", y, c.input(1)));
        }
        if (!c.input(2).isEmpty()) {
            conditions.add(c.apply("Less", y, c.input(2)));
        }
        if (conditions.isEmpty()) {
            c.gradInput(0, c.gradOutput(0));
            return;
        }
        String first = conditions.getFirst();
        multiply(c, Masks.number(c, conditions.size() == 1 ? first : c.apply("And", first, conditions.getLast())));
    }

    /** y (1 - y), as y - y². */
    static void sigmoid(GradientContext c) {
        String y = c.output(0);
        multiply(c, c.apply("Sub", y, c.apply("Mul", y, y)));
    }

    /** 1 - y² */
    static void tanh(GradientContext c) {
        String y = c.output(0);
        multiply(c, c.apply("Sub", c.scalar(1), c.apply("Mul", y, y)));
    }

    static void exp(GradientContext c) {
        multiply(c, c.output(0));
    }

    static void log(GradientContext c) {
        c.gradInput(0, c.apply("Div", c.gradOutput(0), c.input(0)));
    }

    /** 1 / (2 y) */
    static void sqrt(GradientContext c) {
        c.gradInput(0, c.apply("Div", c.gradOutput(0), c.apply("Add", c.output(0), c.output(0))));
    }

    /** Multiplies the gradient by the derivative of the only output by the only input. */
    static void multiply(GradientContext c, String derivative) {
        c.gradInput(0, c.apply("Mul", c.gradOutput(0), derivative));
    }
}

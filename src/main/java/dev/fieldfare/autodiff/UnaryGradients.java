package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.TensorData;

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
        boolean hasLeast = !c.input(1).isEmpty();
        boolean hasMost = !c.input(2).isEmpty();
        if (hasLeast && hasMost) {
            multiply(c, Masks.number(c, c.apply("And", isAboveLeast(c), isBelowMost(c))));
        } else if (hasLeast) {
            multiply(c, Masks.number(c, isAboveLeast(c)));
        } else if (hasMost) {
            multiply(c, Masks.number(c, isBelowMost(c)));
        } else {
            c.gradInput(0, c.gradOutput(0));
        }
    }

    /** What was clipped at zero is never negative, so that it need not be compared, which takes twice as long. */
    private static String isAboveLeast(GradientContext c) {
        TensorData least = c.constant(1);
        boolean isZero = least != null && least.type() == ElementType.FLOAT && least.floats()[0] == 0;
        return isZero ? Masks.notZero(c, c.output(0)) : c.apply("Greater", c.output(0), c.input(1));
    }

    private static String isBelowMost(GradientContext c) {
        return c.apply("Less", c.output(0), c.input(2));
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

    /** Multiplies the gradient by the derivative of the only output by the only input, a value of their shape. */
    static void multiply(GradientContext c, String derivative) {
        c.gradInput(0, c.apply("Mul", c.unexpanded(c.gradOutput(0)), derivative));
    }
}

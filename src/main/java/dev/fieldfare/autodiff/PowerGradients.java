package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import org.jspecify.annotations.Nullable;

/** Gradients of powers. */
final class PowerGradients {
    private PowerGradients() {}

    /** y = 1 / x, so -y². */
    static void reciprocal(GradientContext c) {
        c.gradInput(0, c.apply("Neg", c.apply("Mul", c.gradOutput(0), c.apply("Mul", c.output(0), c.output(0)))));
    }

    /** y = x^p: by x, p x^(p - 1); by p, y log(x), taken as 0 where x is 0. */
    static void pow(GradientContext c) {
        Shape y = c.shape(c.output(0));
        if (c.needsGrad(0)) {
            Float exponent = number(c.constant(1));
            String byBase = exponent == null ? byBase(c) : byBase(c, exponent);
            c.gradInput(0, c.sumTo(byBase, y, c.shape(c.input(0))));
        }
        if (c.needsGrad(1)) {
            String isZero = c.apply("Equal", c.input(0), c.scalar(0));
            String log = c.apply("Log", c.apply("Where", isZero, c.scalar(1), c.input(0)));
            String product = c.apply("Mul", c.apply("Mul", c.gradOutput(0), c.output(0)), log);
            c.gradInput(1, c.sumTo(product, y, c.shape(c.input(1))));
        }
    }

    private static String byBase(GradientContext c, float exponent) {
        String x = c.input(0);
        String dy = c.gradOutput(0);
        if (exponent == 1) {
            return dy;
        } else if (exponent == 2) {
            return c.apply("Mul", dy, c.apply("Add", x, x));
        } else if (exponent == 0.5f) {
            return c.apply("Div", dy, c.apply("Add", c.output(0), c.output(0)));
        } else if (exponent == 0) {
            return c.apply("Mul", dy, c.scalar(0));
        }
        String power = exponent == 3 ? c.apply("Mul", x, x) : c.apply("Pow", x, c.scalar(exponent - 1));
        return c.apply("Mul", dy, c.apply("Mul", power, c.scalar(exponent)));
    }

    /** Where p is 0, the derivative is 0, also where x^(p - 1) is infinite. */
    private static String byBase(GradientContext c) {
        String exponent = c.apply("CastLike", c.input(1), c.input(0));
        String power = c.apply("Pow", c.input(0), c.apply("Sub", exponent, c.scalar(1)));
        String isZero = c.apply("Equal", exponent, c.scalar(0));
        String derivative = c.apply("Where", isZero, c.scalar(0), c.apply("Mul", exponent, power));
        return c.apply("Mul", c.gradOutput(0), derivative);
    }

    /** The number that a constant exponent is; null if there are several, or if it is none. */
    private static @Nullable Float number(@Nullable TensorData data) {
        if (data == null || data.shape().rank() > 0 && data.shape().elements() != 1) {
            return null;
        } else if (data.type() == ElementType.FLOAT) {
            return data.floats()[0];
        }
        return data.type() == ElementType.INT64 ? (Float) (float) data.longs()[0] : null;
    }
}

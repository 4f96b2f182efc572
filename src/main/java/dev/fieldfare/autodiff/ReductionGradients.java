package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;

/** Gradients of reductions over axes. The axes may be an input (operator set 18) or an attribute (before). */
final class ReductionGradients {
    private ReductionGradients() {}

    static void sum(GradientContext c) {
        c.gradInput(0, c.expand(unsqueezed(c, c.gradOutput(0)), kept(c), c.shape(c.input(0))));
    }

    static void mean(GradientContext c) {
        Shape x = c.shape(c.input(0));
        float share = (float) c.shape(c.output(0)).elements() / x.elements();
        String scaled = c.apply("Mul", c.gradOutput(0), c.scalar(share));
        c.gradInput(0, c.expand(unsqueezed(c, scaled), kept(c), x));
    }

    /** 2 x */
    static void sumSquare(GradientContext c) {
        refuseNoReduction(c);
        String doubled = c.apply("Add", c.gradOutput(0), c.gradOutput(0));
        c.gradInput(0, c.apply("Mul", c.input(0), unsqueezed(c, doubled)));
    }

    /** The sign of x. */
    static void l1(GradientContext c) {
        refuseNoReduction(c);
        c.gradInput(0, c.apply("Mul", c.apply("Sign", c.input(0)), unsqueezed(c, c.gradOutput(0))));
    }

    private static String unsqueezed(GradientContext c, String gradient) {
        return c.reshape(gradient, c.shape(c.output(0)), kept(c));
    }

    /** The output's shape with the reduced axes kept as dimensions of size 1. */
    private static Shape kept(GradientContext c) {
        Shape x = c.shape(c.input(0));
        if (c.node().integer("keepdims", 1) != 0) {
            return c.shape(c.output(0));
        }
        long[] sizes = x.sizes();
        long[] axes = axes(c);
        if (axes.length == 0 && !isNoReduction(c)) {
            Arrays.fill(sizes, 1);
        }
        for (long axis : axes) {
            sizes[Math.floorMod(axis, x.rank())] = 1;
        }
        return Shape.of(sizes);
    }

    private static long[] axes(GradientContext c) {
        return c.input(1).isEmpty() ? c.node().integers("axes") : c.constantLongs(1);
    }

    private static boolean isNoReduction(GradientContext c) {
        return c.node().integer("noop_with_empty_axes", 0) != 0 && axes(c).length == 0;
    }

    /** Whether the identity or the elementwise function is meant differs between versions of ONNX. */
    private static void refuseNoReduction(GradientContext c) {
        if (isNoReduction(c)) {
            throw new FieldfareException("the " + c.node().describe() + " reduces over no axes, which ONNX defines "
                    + "differently from version to version; give it axes, or leave noop_with_empty_axes out");
        }
    }
}

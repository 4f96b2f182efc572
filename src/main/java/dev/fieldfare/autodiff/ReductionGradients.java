package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.stream.LongStream;

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

    /** For ReduceMax and ReduceMin: elements that are equal share the gradient evenly, as with PyTorch's amax. */
    static void select(GradientContext c) {
        refuseNoReduction(c);
        Shape x = c.shape(c.input(0));
        Shape kept = kept(c);
        long[] reduced = LongStream.range(0, x.rank())
                .filter(i -> x.size((int) i) != kept.size((int) i))
                .toArray();
        String mask = Masks.number(c, c.apply("Equal", c.input(0), unsqueezed(c, c.output(0))));
        // Without axes, the sum would be over all of them.
        String dy = unsqueezed(c, c.gradOutput(0));
        String share = reduced.length == 0 ? dy : c.apply("Div", dy, c.sumOver(mask, reduced));
        c.gradInput(0, c.apply("Mul", mask, share));
    }

    /** x / y; where y is 0, so is x, and the gradient. */
    static void l2(GradientContext c) {
        refuseNoReduction(c);
        // No smaller norm than this exists but 0: its square is less than the smallest float.
        String norm = c.apply("Max", c.output(0), c.scalar(1e-23f));
        c.gradInput(0, c.apply("Mul", c.input(0), unsqueezed(c, c.apply("Div", c.gradOutput(0), norm))));
    }

    /** exp(x - y) */
    static void logSumExp(GradientContext c) {
        refuseNoReduction(c);
        String share = c.apply("Exp", c.apply("Sub", c.input(0), unsqueezed(c, c.output(0))));
        c.gradInput(0, c.apply("Mul", share, unsqueezed(c, c.gradOutput(0))));
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

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradients of the operators that join tensors, take them apart, or repeat them. */
final class JoiningGradients {
    private JoiningGradients() {}

    /** Each input's part of the gradient. */
    static void concat(GradientContext c) {
        Shape y = c.shape(c.output(0));
        int axis = Math.floorMod(c.node().integer("axis", 0), y.rank());
        long begin = 0;
        for (int i = 0; i < c.node().inputs().size(); i++) {
            Shape x = c.shape(c.input(i));
            long end = begin + x.size(axis);
            if (c.needsGrad(i)) {
                c.gradInput(i, GradientContext.same(x, y) ? c.gradOutput(0) : Region.take(c, axis, begin, end));
            }
            begin = end;
        }
    }

    /** The gradients of the parts, joined; a part that reaches no loss contributes zeros. */
    static void split(GradientContext c) {
        Shape x = c.shape(c.input(0));
        int axis = Math.floorMod(c.node().integer("axis", 0), x.rank());
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < c.node().outputs().size(); i++) {
            Shape part = c.shape(c.output(i));
            if (part.size(axis) > 0) {
                parts.add(c.hasGradOutput(i) ? c.gradOutput(i) : c.zeros(part));
            }
        }
        c.gradInput(0, c.apply("Concat", parts, Map.of("axis", Attribute.of(axis))));
    }

    static void expand(GradientContext c) {
        c.gradInput(0, c.sumTo(c.gradOutput(0), c.shape(c.output(0)), c.shape(c.input(0))));
    }

    /** The sum over the copies. Each dimension becomes two, the copies and what was copied. */
    static void tile(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        if (GradientContext.same(x, y)) {
            c.gradInput(0, c.gradOutput(0));
            return;
        }
        long[] sizes = new long[2 * x.rank()];
        for (int i = 0; i < x.rank(); i++) {
            sizes[2 * i] = y.size(i) / x.size(i);
            sizes[2 * i + 1] = x.size(i);
        }
        String copies = c.reshape(c.gradOutput(0), y, Shape.of(sizes));
        String axes = c.longs(LongStream.range(0, x.rank()).map(i -> 2 * i).toArray());
        c.gradInput(0, c.apply("ReduceSum", List.of(copies, axes), Map.of("keepdims", Attribute.of(0))));
    }
}

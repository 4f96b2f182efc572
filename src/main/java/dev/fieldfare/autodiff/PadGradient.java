package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The gradient of {@code Pad} with constant pads: what lies inside stays, what was invented at the borders is dropped
 * ({@code constant}) or added to the elements that it repeats ({@code edge}, {@code reflect}), one axis after another.
 */
final class PadGradient {
    private PadGradient() {}

    static void pad(GradientContext c) {
        Shape x = c.shape(c.input(0));
        long[] begin = new long[x.rank()];
        long[] end = new long[x.rank()];
        read(c, begin, end);
        String mode = c.node().text("mode", "constant");
        switch (mode) {
            case "constant" -> {
                refuseGradientByValue(c);
                c.gradInput(0, Region.pad(c, c.gradOutput(0), negative(begin), negative(end)));
            }
            case "edge", "reflect" -> c.gradInput(0, folded(c, x, begin, end, mode.equals("reflect")));
            default ->
                throw new FieldfareException("the " + c.node().describe() + " pads in the mode '" + mode
                        + "', which has no gradient here (constant, edge and reflect have); train from a later"
                        + " node on");
        }
    }

    private static void read(GradientContext c, long[] begin, long[] end) {
        long[] pads = c.constantLongs(1);
        int count = pads.length / 2;
        long[] axes = c.input(3).isEmpty() ? null : c.constantLongs(3);
        for (int i = 0; i < count; i++) {
            int axis = axes == null ? i : (int) Math.floorMod(axes[i], begin.length);
            begin[axis] = pads[i];
            end[axis] = pads[count + i];
        }
    }

    private static void refuseGradientByValue(GradientContext c) {
        if (c.needsGrad(2)) {
            throw new FieldfareException("the " + c.node().describe() + " pads with the trained value '" + c.input(2)
                    + "', by which there is no gradient; train from a later node on");
        }
    }

    private static String folded(GradientContext c, Shape x, long[] begin, long[] end, boolean reflect) {
        String gradient = c.gradOutput(0);
        for (int axis = 0; axis < x.rank(); axis++) {
            long before = begin[axis];
            long after = end[axis];
            if (before < 0 || after < 0) {
                throw new FieldfareException("the " + c.node().describe() + " pads by negative numbers in the mode '"
                        + c.node().text("mode", "") + "', which has no gradient here; train from a later node on");
            }
            if (before == 0 && after == 0) {
                continue;
            }
            long size = x.size(axis);
            List<String> parts = new ArrayList<>();
            parts.add(Region.take(c, gradient, axis, before, before + size));
            int rank = x.rank();
            if (before > 0 && reflect) {
                String border = Region.reversed(c, gradient, axis, 0, before);
                parts.add(Region.place(c, border, rank, axis, 1, size - 1 - before));
            } else if (before > 0) {
                String border = c.sumOver(Region.take(c, gradient, axis, 0, before), axis);
                parts.add(Region.place(c, border, rank, axis, 0, size - 1));
            }
            long inside = before + size;
            if (after > 0 && reflect) {
                String border = Region.reversed(c, gradient, axis, inside, inside + after);
                parts.add(Region.place(c, border, rank, axis, size - 1 - after, 1));
            } else if (after > 0) {
                String border = c.sumOver(Region.take(c, gradient, axis, inside, inside + after), axis);
                parts.add(Region.place(c, border, rank, axis, size - 1, 0));
            }
            gradient = c.apply("Sum", parts, Map.of());
        }
        return gradient;
    }

    private static long[] negative(long[] values) {
        long[] negative = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            negative[i] = -values[i];
        }
        return negative;
    }
}

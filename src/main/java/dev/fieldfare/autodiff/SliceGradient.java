package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * The gradient of {@code Slice} with constant bounds: the gradient of the part, where the part was, among zeros. Steps
 * become zeros between the elements, and negative steps turn the gradient round before.
 */
final class SliceGradient {
    private SliceGradient() {}

    static void slice(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        if (y.elements() == 0) {
            c.gradInput(0, c.zeros(x));
            return;
        }
        long[] starts = new long[x.rank()];
        long[] steps = new long[x.rank()];
        Arrays.fill(steps, 1);
        read(c, x, starts, steps);

        String gradient = turned(c, steps);
        long[] strides = Arrays.stream(steps).map(Math::abs).toArray();
        gradient = spread(c, gradient, y, strides);
        long[] begin = new long[x.rank()];
        long[] end = new long[x.rank()];
        for (int i = 0; i < begin.length; i++) {
            long last = starts[i] + (y.size(i) - 1) * steps[i];
            begin[i] = Math.min(starts[i], last);
            end[i] = x.size(i) - begin[i] - y.size(i) * strides[i];
        }
        c.gradInput(0, Region.pad(c, gradient, begin, end));
    }

    /** Start and step for each dimension, as the ONNX specification clamps them. */
    private static void read(GradientContext c, Shape x, long[] starts, long[] steps) {
        long[] given = c.constantLongs(1);
        long[] axes = c.input(3).isEmpty() ? LongStream.range(0, given.length).toArray() : c.constantLongs(3);
        for (int i = 0; i < axes.length; i++) {
            int axis = (int) Math.floorMod(axes[i], x.rank());
            long size = x.size(axis);
            steps[axis] = c.input(4).isEmpty() ? 1 : c.constantLongs(4)[i];
            long start = given[i] < 0 ? given[i] + size : given[i];
            starts[axis] = Math.clamp(start, 0, steps[axis] < 0 ? size - 1 : size);
        }
    }

    private static String turned(GradientContext c, long[] steps) {
        long[] axes = LongStream.range(0, steps.length)
                .filter(i -> steps[(int) i] < 0)
                .toArray();
        if (axes.length == 0) {
            return c.gradOutput(0);
        }
        long[] from = new long[axes.length];
        long[] to = new long[axes.length];
        Arrays.fill(from, -1);
        Arrays.fill(to, Long.MIN_VALUE);
        return c.apply("Slice", c.gradOutput(0), c.longs(from), c.longs(to), c.longs(axes), c.longs(from));
    }

    /** Puts {@code stride - 1} zeros after each element, by way of a dimension of its own for each element. */
    private static String spread(GradientContext c, String value, Shape shape, long[] strides) {
        if (Arrays.stream(strides).allMatch(stride -> stride == 1)) {
            return value;
        }
        int rank = strides.length;
        long[] apart = new long[2 * rank];
        long[] zeros = new long[2 * rank];
        long[] joined = new long[rank];
        for (int i = 0; i < rank; i++) {
            apart[2 * i] = shape.size(i);
            apart[2 * i + 1] = 1;
            zeros[2 * i + 1] = strides[i] - 1;
            joined[i] = shape.size(i) * strides[i];
        }
        String elements = c.reshape(value, shape, Shape.of(apart));
        return c.apply("Reshape", Region.pad(c, elements, new long[2 * rank], zeros), c.longs(joined));
    }
}

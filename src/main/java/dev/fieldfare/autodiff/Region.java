package dev.fieldfare.autodiff;

/** Parts of a tensor along one axis. */
final class Region {
    private Region() {}

    /** The positions {@code begin} to {@code end} (exclusive) of the gradient of the node's output. */
    static String take(GradientContext c, int axis, long begin, long end) {
        return take(c, c.gradOutput(0), axis, begin, end);
    }

    static String take(GradientContext c, String value, int axis, long begin, long end) {
        return c.apply("Slice", value, c.longs(begin), c.longs(end), c.longs(axis), c.longs(1));
    }

    /** The positions {@code begin} to {@code end} (exclusive), last one first. */
    static String reversed(GradientContext c, String value, int axis, long begin, long end) {
        // An end of -1 would mean the last position; anything far below means that position 0 belongs to it.
        long beyond = begin == 0 ? Long.MIN_VALUE : begin - 1;
        return c.apply("Slice", value, c.longs(end - 1), c.longs(beyond), c.longs(axis), c.longs(-1));
    }

    /** Zeros in front and behind, in each dimension; negative numbers take elements away. */
    static String pad(GradientContext c, String value, long[] begin, long[] end) {
        long[] pads = new long[2 * begin.length];
        boolean any = false;
        for (int i = 0; i < begin.length; i++) {
            pads[i] = begin[i];
            pads[begin.length + i] = end[i];
            any |= begin[i] != 0 || end[i] != 0;
        }
        return any ? c.apply("Pad", value, c.longs(pads)) : value;
    }

    /** Puts a value among zeros, so that its dimension has a new size. */
    static String place(GradientContext c, String value, int rank, int axis, long before, long after) {
        long[] begin = new long[rank];
        long[] end = new long[rank];
        begin[axis] = before;
        end[axis] = after;
        return pad(c, value, begin, end);
    }
}

package dev.fieldfare.image;

/**
 * Where the window lies along one axis of the resized picture.
 *
 * @param source the length of the picture
 * @param resized what it is resized to
 * @param start where the window begins in it; negative if the window begins in the margin
 * @param window the length of the window
 */
record Placement(int source, int resized, int start, int window) {
    /** Keeps arithmetic in range for pictures a million times longer than wide; they are squeezed. */
    private static final int MAX_SIDE = 1 << 30;

    /** In a resized picture that covers the window: {@code position} 0 is at its beginning, 1 at its end. */
    static Placement cover(int source, double canvas, int window, double position) {
        int resized = Math.max(window, side(canvas));
        return new Placement(source, resized, (int) (position * (resized - window)), window);
    }

    /** In a canvas in whose middle the resized picture lies. */
    static Placement inside(int source, double picture, double canvas, int window, double position) {
        int resized = Math.max(1, side(picture));
        int whole = Math.max(Math.max(window, resized), side(canvas));
        int start = (int) (position * (whole - window)) - (whole - resized) / 2;
        return new Placement(source, resized, start, window);
    }

    private static int side(double length) {
        return (int) Math.min(MAX_SIDE, Math.round(length));
    }

    /** The first position in the window that shows the picture. */
    int first() {
        return Math.max(0, -start);
    }

    /** The position behind the last in the window that shows the picture. */
    int end() {
        return Math.max(first(), Math.min(window, resized - start));
    }

    /** What the window shows of the picture. */
    ResizedRows.Stretch shown() {
        return part(start + first(), end() - first());
    }

    /** A part of the resized picture. */
    ResizedRows.Stretch part(int from, int count) {
        return new ResizedRows.Stretch(source, resized, from, count);
    }

    /** The middle of the window, in the resized picture. */
    double centre() {
        return start + window / 2.0;
    }
}

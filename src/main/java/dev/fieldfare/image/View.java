package dev.fieldfare.image;

import java.util.List;
import java.util.stream.Stream;

/**
 * One look at a picture: which part of it, turned or mirrored or not, in what colours, with what hidden. Deterministic;
 * whoever draws a view at random is a noise. {@link #CENTRE} is the look that a model was made for.
 *
 * @param window which part of the picture
 * @param degrees by which the picture is turned about the window's centre, counter-clockwise; what then lies outside of
 *     the picture is shown as the mean colour (zero after normalization)
 * @param mirrored whether left and right change places, after turning
 * @param colour how colours are changed
 * @param hidden parts of the window that are shown as the mean colour (zero after normalization)
 */
public record View(Window window, double degrees, boolean mirrored, ColourChange colour, List<Box> hidden) {
    /** The window in the middle, as it is. */
    public static final View CENTRE = new View(new Window(1, 1, 0.5, 0.5), 0, false, ColourChange.NONE, List.of());

    public View {
        if (!Double.isFinite(degrees)) {
            throw new IllegalArgumentException("a picture can be turned by a finite angle only, not by " + degrees);
        }
        hidden = List.copyOf(hidden);
    }

    /**
     * The part of the picture that is shown.
     *
     * @param zoom how much larger than the preprocessing asks for the picture is made before the window is cut from it;
     *     at least 1
     * @param aspect width by height of what the window shows, as a multiple of what the preprocessing asks for; above 0.
     *     The area shown depends on {@code zoom} alone
     * @param x where the window lies between the left (0) and the right (1) edge
     * @param y where the window lies between the top (0) and the bottom (1) edge
     */
    public record Window(double zoom, double aspect, double x, double y) {
        public Window {
            boolean shaped = zoom >= 1 && aspect > 0 && Double.isFinite(zoom) && Double.isFinite(aspect);
            if (!shaped || !(x >= 0 && x <= 1) || !(y >= 0 && y <= 1)) {
                throw new IllegalArgumentException("zoom must be at least 1, aspect above 0, x and y within 0 and 1: "
                        + zoom + ", " + aspect + ", " + x + ", " + y);
            }
        }

        double zoomAcross() {
            return zoom / Math.sqrt(aspect);
        }

        double zoomDown() {
            return zoom * Math.sqrt(aspect);
        }
    }

    /**
     * A rectangle in the window, as fractions of its width and height; what lies outside of the window is ignored.
     */
    public record Box(double left, double top, double right, double bottom) {
        Pixels pixels(int width, int height) {
            int x = edge(left, 0, width);
            int y = edge(top, 0, height);
            return new Pixels(x, y, edge(right, x, width), edge(bottom, y, height));
        }

        private static int edge(double fraction, int least, int length) {
            return (int) Math.clamp(Math.round(fraction * length), least, length);
        }
    }

    /** The pixels of a window that a box covers, from the left and top ones up to before the right and bottom ones. */
    record Pixels(int left, int top, int right, int bottom) {
        int count() {
            return (right - left) * (bottom - top);
        }
    }

    public View at(double newZoom, double newX, double newY) {
        return at(new Window(newZoom, 1, newX, newY));
    }

    public View at(Window newWindow) {
        return new View(newWindow, degrees, mirrored, colour, hidden);
    }

    /** Turned further. */
    public View turn(double moreDegrees) {
        return new View(window, degrees + moreDegrees, mirrored, colour, hidden);
    }

    public View mirror() {
        return new View(window, degrees, !mirrored, colour, hidden);
    }

    public View in(ColourChange newColour) {
        return new View(window, degrees, mirrored, newColour, hidden);
    }

    public View hide(Box box) {
        List<Box> boxes = Stream.concat(hidden.stream(), Stream.of(box)).toList();
        return new View(window, degrees, mirrored, colour, boxes);
    }
}

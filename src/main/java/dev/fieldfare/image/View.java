package dev.fieldfare.image;

import java.util.List;
import java.util.stream.Stream;

/**
 * One look at a picture: which part of it, mirrored or not, with what hidden. Deterministic; whoever draws a view at
 * random is a noise. {@link #CENTRE} is the look that a model was made for.
 *
 * @param zoom how much larger than the preprocessing asks for the picture is made before the window is cut from it;
 *     at least 1
 * @param x where the window lies between the left (0) and the right (1) edge
 * @param y where the window lies between the top (0) and the bottom (1) edge
 * @param mirrored whether left and right change places
 * @param hidden parts of the window that are shown as the mean colour (zero after normalization)
 */
public record View(double zoom, double x, double y, boolean mirrored, List<Box> hidden) {
    /** The window in the middle, as it is. */
    public static final View CENTRE = new View(1, 0.5, 0.5, false, List.of());

    public View {
        if (!(zoom >= 1) || !(x >= 0 && x <= 1) || !(y >= 0 && y <= 1)) {
            throw new IllegalArgumentException(
                    "zoom must be at least 1, x and y within 0 and 1: " + zoom + ", " + x + ", " + y);
        }
        hidden = List.copyOf(hidden);
    }

    /**
     * A rectangle in the window, as fractions of its width and height; what lies outside of the window is ignored.
     */
    public record Box(double left, double top, double right, double bottom) {}

    public View at(double newZoom, double newX, double newY) {
        return new View(newZoom, newX, newY, mirrored, hidden);
    }

    public View mirror() {
        return new View(zoom, x, y, !mirrored, hidden);
    }

    public View hide(Box box) {
        return new View(
                zoom,
                x,
                y,
                mirrored,
                Stream.concat(hidden.stream(), Stream.of(box)).toList());
    }
}

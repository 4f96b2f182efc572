package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.util.random.RandomGenerator;

/**
 * Numbers from {@code min} to {@code max}, every one as likely as any other.
 *
 * @param min finite
 * @param max finite, at least {@code min}
 */
public record Range(double min, double max) {
    public Range {
        if (!Double.isFinite(min) || !Double.isFinite(max) || min > max) {
            throw new FieldfareException("a range goes from a smaller number to a larger one, not from " + min + " to "
                    + max + "; give two finite numbers, the smaller first");
        }
    }

    double draw(RandomGenerator random) {
        return at(random.nextDouble());
    }

    /** The number that lies {@code fraction} (0 to 1) of the way from the smallest to the largest. */
    double at(double fraction) {
        return min + fraction * (max - min);
    }
}

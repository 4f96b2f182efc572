package dev.fieldfare.image;

/**
 * How pixels are weighed when a picture is resized. When it is made smaller, the filter grows with the factor, so that
 * every source pixel counts (antialiasing).
 */
public enum Interpolation {
    /** The triangle filter. */
    BILINEAR(1) {
        @Override
        double weight(double distance) {
            return Math.max(0, 1 - Math.abs(distance));
        }
    },

    /** Cubic convolution with a = -0.5: Keys, "Cubic convolution interpolation for digital image processing", 1981. */
    BICUBIC(2) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return (1.5 * x - 2.5) * x * x + 1;
            }
            return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
        }
    };

    private final double support;

    Interpolation(double support) {
        this.support = support;
    }

    /** The distance, in pixels of the coarser picture, from which on the weight is zero. */
    double support() {
        return support;
    }

    /** The weight of a pixel at this distance, in pixels of the coarser picture; not normalized. */
    abstract double weight(double distance);
}

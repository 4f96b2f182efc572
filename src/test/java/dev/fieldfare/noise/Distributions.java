package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Whether drawn numbers follow a distribution. */
final class Distributions {
    private Distributions() {}

    static void requireUniform(double[] values) {
        require(x -> x, values);
    }

    /**
     * The test of Kolmogorov and Smirnov: the largest distance between the distribution function and that of the sample
     * is beyond {@code 1.95 / sqrt(n)} once in a thousand times (Smirnov, "Table for estimating the goodness of fit of
     * empirical distributions", 1948).
     */
    static void require(DoubleUnaryOperator distribution, double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double farthest = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = distribution.applyAsDouble(sorted[i]);
            assertTrue(expected >= -1e-9 && expected <= 1 + 1e-9, sorted[i] + " is impossible");
            farthest = Math.max(farthest, Math.abs(expected - (double) i / sorted.length));
            farthest = Math.max(farthest, Math.abs(expected - (i + 1.0) / sorted.length));
        }
        double allowed = 1.95 / Math.sqrt(sorted.length);
        assertTrue(farthest < allowed, "distribution functions are " + farthest + " apart, more than " + allowed);
    }
}

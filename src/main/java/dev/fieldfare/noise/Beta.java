package dev.fieldfare.noise;

import java.util.random.RandomGenerator;

/** Draws from the symmetric beta distribution, which mixes are drawn from. */
final class Beta {
    private Beta() {}

    /**
     * Draws from Beta(alpha, alpha): {@code a / (a + b)} for two draws from the gamma distribution. With small alphas both
     * may be too small to be told from zero, so their logarithms are compared.
     *
     * @param alpha above 0: far below one for draws near 0 and 1, one for uniform draws, above for draws near a half
     */
    static double symmetric(double alpha, RandomGenerator random) {
        double first = logarithmOfGamma(alpha, random);
        double second = logarithmOfGamma(alpha, random);
        return 1 / (1 + Math.exp(second - first));
    }

    /**
     * The logarithm of a draw from Gamma(shape, 1): Marsaglia and Tsang, "A simple method for generating gamma variables",
     * ACM Transactions on Mathematical Software 26, 2000; shapes below one by a draw of the shape one more, times {@code
     * uniform ^ (1 / shape)} (their section 6).
     */
    private static double logarithmOfGamma(double shape, RandomGenerator random) {
        if (shape < 1) {
            return logarithmOfGamma(shape + 1, random) + Math.log(1 - random.nextDouble()) / shape;
        }
        double d = shape - 1 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double root = 1 + c * x;
            if (root <= 0) {
                continue;
            }
            double v = root * root * root;
            if (Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return Math.log(d * v);
            }
        }
    }
}

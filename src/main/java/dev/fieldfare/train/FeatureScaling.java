package dev.fieldfare.train;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Mean and spread of each feature over the training pictures.
 *
 * @param mean of each feature
 * @param inverseDeviation one over the standard deviation of each feature, which is kept from being tiny
 */
record FeatureScaling(float[] mean, float[] inverseDeviation) {
    /** A feature that hardly varies is not blown up: this share of the mean variance is added to every variance. */
    private static final double FLOOR = 0.01;

    /** No scaling: features as they are. */
    static FeatureScaling identity(int width) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        return new FeatureScaling(new float[width], ones);
    }

    /** Measures over rows of a cache, in one pass (Welford, "Note on a method for calculating corrected sums", 1962). */
    static FeatureScaling of(FeatureCache cache, int[] rows) {
        int width = cache.width();
        double[] mean = new double[width];
        double[] squares = new double[width];
        FloatBuffer buffer = FloatBuffer.allocate(width);
        long count = 0;
        for (int row : rows) {
            cache.read(row, buffer.clear());
            count++;
            for (int f = 0; f < width; f++) {
                double difference = buffer.get(f) - mean[f];
                mean[f] += difference / count;
                squares[f] += difference * (buffer.get(f) - mean[f]);
            }
        }
        double meanVariance = 0;
        for (double square : squares) {
            meanVariance += square / Math.max(1, count) / width;
        }
        float[] means = new float[width];
        float[] inverse = new float[width];
        for (int f = 0; f < width; f++) {
            means[f] = (float) mean[f];
            double variance = squares[f] / Math.max(1, count) + FLOOR * meanVariance;
            inverse[f] = variance > 0 ? (float) (1 / Math.sqrt(variance)) : 0;
        }
        return new FeatureScaling(means, inverse);
    }
}

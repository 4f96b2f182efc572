package dev.fieldfare.train;

import dev.fieldfare.model.KnownFeatures;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Measures what features of labelled pictures are like, scaled to a mean square of one, class by class. */
final class FeatureStatistics {
    /** So many pictures of a class say enough where each of them takes another look. */
    static final int ENOUGH = 100;

    /** A feature that hardly varies does not decide: this share of the mean variance is added to every variance. */
    private static final double FLOOR = 0.01;

    private FeatureStatistics() {}

    /** Puts the features of an example where the buffer stands. */
    interface Source {
        void read(int example, FloatBuffer into);
    }

    /** Some examples of each class, at most so many, evenly over the list. */
    static int[] some(int[] labels, int classes, int most) {
        return IntStream.range(0, classes)
                .flatMap(label -> {
                    int[] own = IntStream.range(0, labels.length)
                            .filter(i -> labels[i] == label)
                            .toArray();
                    int count = Math.min(most, own.length);
                    return IntStream.range(0, count).map(i -> own[(int) ((long) i * own.length / count)]);
                })
                .toArray();
    }

    /**
     * Measures, in one pass (Welford, "Note on a method for calculating corrected sums", 1962).
     *
     * @param examples which of the labelled ones, sorted by label
     * @param labels of all; each class has at least one among the examples
     * @param width features of each
     */
    static KnownFeatures of(int[] examples, int[] labels, int classes, int width, Source source) {
        float[] means = new float[classes * width];
        double[] within = new double[width];
        Running all = new Running(width);
        FloatBuffer features = FloatBuffer.allocate(width);
        for (int start = 0; start < examples.length; ) {
            int label = labels[examples[start]];
            Running own = new Running(width);
            while (start < examples.length && labels[examples[start]] == label) {
                source.read(examples[start], features.clear());
                KnownFeatures.scale(features.array());
                own.add(features.array());
                all.add(features.array());
                start++;
            }
            for (int j = 0; j < width; j++) {
                means[label * width + j] = (float) own.mean[j];
                within[j] += own.squares[j];
            }
        }
        return new KnownFeatures(
                means,
                variances(within, Math.max(1, examples.length - classes)),
                floats(all.mean),
                variances(all.squares, Math.max(1, examples.length)));
    }

    /** Mean, and sum of squared deviations from it, of each feature. */
    private static final class Running {
        private final double[] mean;
        private final double[] squares;
        private long count;

        Running(int width) {
            mean = new double[width];
            squares = new double[width];
        }

        void add(float[] features) {
            count++;
            for (int j = 0; j < mean.length; j++) {
                double difference = features[j] - mean[j];
                mean[j] += difference / count;
                squares[j] += difference * (features[j] - mean[j]);
            }
        }
    }

    private static float[] variances(double[] squares, double count) {
        double floor = FLOOR * Arrays.stream(squares).average().orElse(0) / count;
        float[] variances = new float[squares.length];
        for (int j = 0; j < squares.length; j++) {
            // Where nothing varies at all, any number does, as long as it can be divided by.
            variances[j] = (float) Math.max(1e-12, squares[j] / count + floor);
        }
        return variances;
    }

    private static float[] floats(double[] numbers) {
        float[] floats = new float[numbers.length];
        for (int j = 0; j < numbers.length; j++) {
            floats[j] = (float) numbers[j];
        }
        return floats;
    }
}

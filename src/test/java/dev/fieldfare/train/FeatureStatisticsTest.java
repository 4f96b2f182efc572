package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.model.KnownFeatures;
import org.junit.jupiter.api.Test;

class FeatureStatisticsTest {
    private static final int[] LABELS = {1, 0, 1, 0, 1, 1};
    private static final float[][] FEATURES = {{1, 7}, {4, 0}, {3, 4}, {4, 3}, {5, 12}, {100, 1}};

    /**
     * Without the last picture, by numpy: {@code u = f / sqrt((f ** 2).mean(1))}, means by label, variances about them over
     * 5 - 2 and about the mean of all over 5, to each of these a hundredth of their mean.
     */
    @Test
    void meansAndVariancesAreThoseOfNumpy() {
        KnownFeatures known = FeatureStatistics.of(
                new int[] {1, 3, 0, 2, 4}, LABELS, 2, 2, (example, into) -> into.put(FEATURES[example]));
        assertArrayEquals(new float[] {1.2727922f, 0.4242641f, 0.5308188f, 1.2789329f}, known.means(), 1e-6f);
        assertArrayEquals(new float[] {0.0845969f, 0.1334574f}, known.within(), 1e-6f);
        assertArrayEquals(new float[] {0.8276082f, 0.9370654f}, known.centre(), 1e-6f);
        assertArrayEquals(new float[] {0.1844212f, 0.2569217f}, known.overall(), 1e-6f);
    }

    @Test
    void aClassGivesSoManyEvenlyOverTheList() {
        assertArrayEquals(new int[] {1, 3, 0, 4}, FeatureStatistics.some(LABELS, 2, 2));
        assertArrayEquals(new int[] {1, 3, 0, 2, 4, 5}, FeatureStatistics.some(LABELS, 2, 9));
    }

    /** Of n numbers the one at (n + 1) p, rounded up: a further one is below it with that probability at least. */
    @Test
    void quantilesAreThoseOfOneMore() {
        double[] hundred = new double[199];
        for (int i = 0; i < hundred.length; i++) {
            hundred[i] = (i * 7) % 199; // 0 to 198, mixed
        }
        assertEquals(197, Finish.quantile(hundred, 0.99));
        assertEquals(99, Finish.quantile(hundred, 0.5));
        assertEquals(198, Finish.quantile(hundred, 1));
        assertEquals(3, Finish.quantile(new double[] {1, 3, 2}, 0.99));
    }
}

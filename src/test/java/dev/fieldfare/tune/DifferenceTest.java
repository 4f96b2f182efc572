package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.train.Answers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link Difference}, and how {@link Trial} makes one. */
class DifferenceTest {
    private static final double[] TEN = {
        0.031, -0.012, 0.044, 0.020, 0.007, 0.025, -0.003, 0.038, 0.016, 0.010,
    };

    private static final double[] NO_PICTURES = {};

    private static Trial trial(Double... losses) {
        List<Double> all = Arrays.asList(losses);
        return new Trial(
                1,
                "coarse",
                Map.of(),
                1,
                all,
                all.stream().map(loss -> List.<Double>of()).toList(),
                all,
                all,
                all,
                1,
                1);
    }

    /** Differences 1 and 3 of two folds: variance 2, and 2 (1/2 + 1) = 3. */
    @Test
    void twoFoldsByHand() {
        Difference difference = Difference.of(new double[] {1, 3}, NO_PICTURES, 2);
        assertEquals(2, difference.mean(), 1e-12);
        assertEquals(Math.sqrt(3), difference.standardError(), 1e-12);
    }

    /** Twice five folds; numpy: {@code d.mean(), sqrt(d.var(ddof=1) * (1 / 10 + 1 / 4))}. */
    @Test
    void repeatedFoldsAsNumpySays() {
        Difference difference = Difference.of(TEN, NO_PICTURES, 5);
        assertEquals(0.0176, difference.mean(), 1e-12);
        assertEquals(0.010484061977857416, difference.standardError(), 1e-12);
        double withoutCorrection = 0.010484061977857416 / Math.sqrt(0.1 + 0.25) * Math.sqrt(0.1);
        assertTrue(difference.standardError() > 1.8 * withoutCorrection, "the folds' own scatter is too sure");
    }

    @Test
    void worseIsAboveOneStandardError() {
        assertTrue(Difference.of(TEN, NO_PICTURES, 5).isWorse());
        assertTrue(new Difference(0.0101, 0.01).isWorse());
        assertFalse(new Difference(0.01, 0.01).isWorse());
        assertFalse(new Difference(-0.5, 0.01).isWorse(), "better is not worse");
        assertTrue(new Difference(Double.NaN, 0.01).isWorse(), "what cannot be compared is not as good");
    }

    /** The folds agree by chance, or there is one alone: then the pictures say how sure it is. */
    @Test
    void picturesScatterToo() {
        double[] pictures = {0.5, -0.1, 0.2, 0.4};
        // numpy: p.std(ddof=1) / 2
        double ofPictures = 0.13228756555322954;
        for (double[] folds : new double[][] {{0.25}, {0.25, 0.25}, {0.24, 0.26}}) {
            Difference difference = Difference.of(folds, pictures, 5);
            assertEquals(0.25, difference.mean(), 1e-12);
            assertEquals(ofPictures, difference.standardError(), 1e-12);
        }
        assertEquals(
                Math.sqrt(3), Difference.of(new double[] {1, 3}, pictures, 2).standardError(), 1e-12);
    }

    /** The same pictures, so that what is hard for both does not count. */
    @Test
    void picturesAreComparedInPairs() {
        Trial first = new Trial(
                1,
                "coarse",
                Map.of(),
                1,
                List.of(2.0),
                List.of(List.of(4.0, 0.5, 1.5)),
                List.of(0.5),
                List.of(),
                List.of(),
                1,
                1);
        Trial second = new Trial(
                2,
                "coarse",
                Map.of(),
                1,
                List.of(1.7),
                List.of(List.of(3.6, 0.3, 1.2)),
                List.of(0.5),
                List.of(),
                List.of(),
                1,
                1);
        Difference difference = first.minus(second, 5);
        assertEquals(0.3, difference.mean(), 1e-6);
        // Differences of 0.4, 0.2 and 0.3: variance 0.01, of three.
        assertEquals(Math.sqrt(0.01 / 3), difference.standardError(), 1e-6);
    }

    /** A trial of the coarse search on fewer folds is compared on these. */
    @Test
    void trialsAreComparedOnTheFoldsThatBothHave() {
        Trial many = trial(0.5, 0.75, 9.0, 9.0);
        Trial few = trial(0.25, 0.25);
        Difference difference = many.minus(few, 2);
        assertEquals(0.375, difference.mean(), 1e-12);
        // Differences of 0.25 and 0.5: variance 1/32, and (1/2 + 1) of that.
        assertEquals(Math.sqrt(1.5 / 32), difference.standardError(), 1e-12);
        assertEquals(-0.375, few.minus(many, 2).mean(), 1e-12);
        assertEquals(new Difference(0.25, 0), trial(0.5).minus(few, 2));
    }

    /** -log(0.5) = 0.6931; of a probability of one in a million no more counts than of one in a hundred. */
    @Test
    void noPictureCountsForMany() {
        float[] ofTruth = {0.5f, 1e-6f, 1};
        PictureLosses losses = PictureLosses.of(new Answers(new int[3], new int[3], new float[3], ofTruth));
        assertEquals(List.of(0.6931, 4.6052, 0.0), List.copyOf(losses));
        assertEquals((0.6931 + 4.6052) / 3, losses.mean(), 1e-12);
    }

    @Test
    void whatDivergedIsInfinitelyWorse() {
        Trial diverged = trial();
        assertTrue(diverged.diverged());
        assertEquals(Double.POSITIVE_INFINITY, diverged.loss());
        assertTrue(diverged.minus(trial(3.0), 5).isWorse());
        assertFalse(trial(3.0).minus(diverged, 5).isWorse());
        assertEquals(Double.NEGATIVE_INFINITY, trial(3.0).minus(diverged, 5).mean());
    }

    @Test
    void aLossOverSomeOfTheFolds() {
        Trial trial = trial(1.0, 2.0, 6.0);
        assertEquals(3, trial.loss(), 1e-12);
        assertEquals(1.5, trial.loss(2), 1e-12);
        assertEquals(3, trial.loss(7), 1e-12);
        assertEquals(Double.POSITIVE_INFINITY, trial.loss(0));
    }
}

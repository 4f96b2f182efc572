package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link Difference}, and how {@link Trial} makes one. */
class DifferenceTest {
    private static final double[] TEN = {
        0.031, -0.012, 0.044, 0.020, 0.007, 0.025, -0.003, 0.038, 0.016, 0.010,
    };

    private static Trial trial(Double... losses) {
        List<Double> all = Arrays.asList(losses);
        return new Trial(1, "coarse", Map.of(), 1, all, all, all, all, 1, 1);
    }

    /** Differences 1 and 3 of two folds: variance 2, and 2 (1/2 + 1) = 3. */
    @Test
    void twoFoldsByHand() {
        Difference difference = Difference.of(new double[] {1, 3}, 2);
        assertEquals(2, difference.mean(), 1e-12);
        assertEquals(Math.sqrt(3), difference.standardError(), 1e-12);
    }

    /** Twice five folds; numpy: {@code d.mean(), sqrt(d.var(ddof=1) * (1 / 10 + 1 / 4))}. */
    @Test
    void repeatedFoldsAsNumpySays() {
        Difference difference = Difference.of(TEN, 5);
        assertEquals(0.0176, difference.mean(), 1e-12);
        assertEquals(0.010484061977857416, difference.standardError(), 1e-12);
        double withoutCorrection = 0.010484061977857416 / Math.sqrt(0.1 + 0.25) * Math.sqrt(0.1);
        assertTrue(difference.standardError() > 1.8 * withoutCorrection, "the folds' own scatter is too sure");
    }

    @Test
    void worseIsAboveOneStandardError() {
        assertTrue(Difference.of(TEN, 5).isWorse());
        assertTrue(new Difference(0.0101, 0.01).isWorse());
        assertFalse(new Difference(0.01, 0.01).isWorse());
        assertFalse(new Difference(-0.5, 0.01).isWorse(), "better is not worse");
        assertTrue(new Difference(Double.NaN, 0.01).isWorse(), "what cannot be compared is not as good");
    }

    @Test
    void oneFoldIsTakenAsItIs() {
        assertEquals(new Difference(0.25, 0), Difference.of(new double[] {0.25}, 5));
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

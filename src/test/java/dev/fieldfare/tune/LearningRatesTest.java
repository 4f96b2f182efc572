package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link RangeTest}, the range test of the learning rate, on losses that are known. */
class LearningRatesTest {
    private static final double START = 2;
    private static final double NONE = Double.POSITIVE_INFINITY;

    /** Rates from 1e-5 in magnitudes; each with its last loss, and the highest of its epochs. */
    private static RangeTest of(double[] losses, double[] highest) {
        List<RangeTest.Tried> tried = new ArrayList<>();
        for (int i = 0; i < losses.length; i++) {
            tried.add(new RangeTest.Tried(1e-5 * Math.pow(10, i), losses[i], highest[i]));
        }
        return RangeTest.of(tried, START);
    }

    private static RangeTest of(double... losses) {
        double[] highest = losses.clone();
        for (int i = 0; i < losses.length; i++) {
            highest[i] = losses[i] == NONE ? NONE : Math.min(losses[i] + 0.1, START);
        }
        return of(losses, highest);
    }

    private static Finding last(RangeTest test, double asked) {
        return test.findings(asked).getLast();
    }

    /** The best falls from 2 to 0: a quarter of that is 1.5, half of it is 1. */
    @Test
    void fromAQuarterOfTheFallToHalfOfIt() {
        RangeTest test = of(1.99, 1.9, 1.4, 0, 0.5, 1, NONE);
        assertTrue(test.found());
        assertEquals(1e-3, test.from(), 1e-12);
        assertEquals(1, test.to(), 1e-9, "1 is just half the fall");
        assertEquals(0.1, of(1.99, 1.9, 1.4, 0, 0.5, 1.01, NONE).to(), 1e-9, "1.01 is not");
        assertEquals(1e-4, of(1.99, 1.5, 1.4, 0, 0.5, 1).from(), 1e-12, "1.5 is just a quarter");
        assertEquals(1e-3, of(1.99, 1.51, 1.4, 0, 0.5, 1).from(), 1e-12, "1.51 is not");
    }

    /** The cosine mends in the end what was too large a step at first: such a rate does not count. */
    @Test
    void whatThrowsTheLossUpAtFirstIsTooHigh() {
        RangeTest test = of(new double[] {1.9, 1.0, 0.5, 0.1}, new double[] {1.95, 1.9, 1.8, 9});
        assertEquals(1e-3, test.to(), 1e-12);
        assertEquals(1e-4, test.from(), 1e-12);
    }

    @Test
    void whereNothingFallsNothingIsFound() {
        RangeTest test = of(2, 2, 2, NONE);
        assertFalse(test.found());
        Finding finding = last(test, 0.01);
        assertEquals(Finding.Kind.PROBLEM, finding.kind());
        assertTrue(
                finding.text().startsWith("no learning rate from 1e-05 to 1e-02 makes the loss go down"),
                finding.text());
        assertTrue(finding.text().contains("normalize"), finding.text());
        assertFalse(of(NONE, NONE, NONE).found());
    }

    @Test
    void aRateOutsideOfThemIsNamedWithItsFactor() {
        RangeTest test = of(1.99, 1.9, 1.0, 0.4, 0.9, NONE);
        assertEquals(1e-3, test.from(), 1e-12);
        assertEquals(0.1, test.to(), 1e-12);
        assertEquals(Finding.Kind.GOOD, last(test, 0.01).kind());
        assertEquals(1, test.findings(0.1).size(), "the ends are inside");
        assertEquals(1, test.findings(0.001).size(), "the ends are inside");
        assertEquals(
                Finding.warning(
                        "the learning rate of the settings, 10.0, is 100 times higher than the highest of these;"
                                + " the search leaves it behind"),
                last(test, 10));
        assertEquals(
                Finding.warning(
                        "the learning rate of the settings, 1.00e-05, is 100 times lower than the lowest of these;"
                                + " the search leaves it behind"),
                last(test, 1e-5));
    }
}

package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.fieldfare.train.Answers;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@link TuningReport}: what settings gain on pictures that no trial saw. */
class TuningReportTest {
    private static final Trial CHOSEN = trial(7, 0.25);
    private static final Trial BEFORE = trial(0, 0.5);

    private static Trial trial(int candidate, double loss) {
        return new Trial(
                candidate,
                "refine",
                Map.of(),
                1,
                List.of(loss),
                Collections.nCopies(1, List.of()),
                List.of(1 - loss),
                List.of(),
                List.of(),
                1,
                1);
    }

    /** Ten pictures of one label, taken for it or for another. */
    private static Answers answers(int... right) {
        int[] predicted = new int[10];
        Arrays.fill(predicted, 1);
        IntStream.of(right).forEach(picture -> predicted[picture] = 0);
        return new Answers(new int[10], predicted, new float[10], new float[10]);
    }

    /** Right on two more and on one less: scipy's {@code tstd} of the ten differences is 0.5676. */
    @Test
    void theDifferenceIsOfPairs() {
        TuningReport.Best best = TuningReport.Best.of(
                Map.of("epochs", 9), CHOSEN, BEFORE, answers(0, 1, 2, 3), answers(1, 2, 3, 4, 5), null);
        assertEquals(7, best.candidate());
        assertEquals(10, best.images());
        assertEquals(5, best.right());
        assertEquals(4, best.rightBefore());
        assertEquals(0.1, best.difference(), 1e-12);
        assertEquals(
                0.1 - 1.96 * 0.567646212197547 / Math.sqrt(10), best.interval().low(), 1e-9);
        assertEquals(
                0.1 + 1.96 * 0.567646212197547 / Math.sqrt(10), best.interval().high(), 1e-9);
        assertEquals(0.25, best.validationLoss());
        assertEquals(0.5, best.validationLossBefore());
        assertNull(best.runnerUp());
    }

    @Test
    void whereTheOldAreKeptTheBestOfTheOthersIsComparedWithThem() {
        Answers old = answers(0, 1, 2, 3);
        var runnerUp = TuningReport.RunnerUp.of(Map.of("epochs", 9), CHOSEN, old, answers(0, 1, 2));
        TuningReport.Best best = TuningReport.Best.of(Map.of(), BEFORE, BEFORE, old, old, runnerUp);
        assertEquals(0, best.difference());
        assertEquals(0, best.interval().high());
        assertEquals(3, runnerUp.right());
        assertEquals(-0.1, runnerUp.difference(), 1e-12);
        // One difference of -1 among nine of 0: standard deviation 0.3162.
        assertEquals(
                -0.1 - 1.96 * 0.31622776601683794 / Math.sqrt(10),
                runnerUp.interval().low(),
                1e-9);
    }
}

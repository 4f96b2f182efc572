package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link CoarseReading} on trials that were made up. */
class CoarseReadingTest {
    private static final Range RATE = new Range.Interval(1e-4, 1, Range.Scale.LOG, false);

    private static Trial trial(int candidate, double accuracy, Map<String, Object> values) {
        return new Trial(
                candidate,
                "coarse",
                values,
                1,
                List.of(0.5),
                List.of(List.of()),
                List.of(accuracy),
                List.of(),
                List.of(),
                accuracy,
                1);
    }

    private static Trial diverged(int candidate) {
        return new Trial(candidate, "coarse", Map.of(), 1, List.of(), List.of(), List.of(), List.of(), List.of(), 0, 1);
    }

    /** Of 100 pictures, 25 of the most frequent label. */
    private static List<Finding> read(Trial best, Map<String, Range> ranges) {
        return CoarseReading.of(List.of(best, diverged(2)), best, Map.of("last", new SearchSpace(ranges)), 25, 100);
    }

    private static List<Finding> read(Range range, Object value) {
        return read(trial(1, 0.9, Map.of("key", value)), Map.of("key", range));
    }

    /** Of four magnitudes 3 % are 0.12: a factor of 1.318. */
    @ParameterizedTest
    @CsvSource({"0.00013, lower", "0.00014, none", "0.75, none", "0.77, upper"})
    void theBestLiesAtTheEndOfItsRange(String best, String end) {
        List<Finding> findings = read(RATE, Double.valueOf(best));
        assertEquals(end.equals("none") ? 1 : 2, findings.size(), findings.toString());
        if (!end.equals("none")) {
            assertEquals(
                    Finding.warning("the best key, " + best + ", lies at the " + end
                            + " end of its range; better ones may lie beyond it: widen ranges.key"),
                    findings.getLast());
        }
    }

    /** Beyond no dropout, and beyond always the plain view, there is nothing. */
    @Test
    void naturalEndsAndChoicesCannotBeWidened() {
        assertEquals(
                1,
                read(new Range.Interval(0, 0.6, Range.Scale.LINEAR, false), 0.0).size());
        assertEquals(
                2,
                read(new Range.Interval(0, 0.6, Range.Scale.LINEAR, false), 0.6).size());
        assertEquals(
                1,
                read(new Range.Interval(0.1, 1, Range.Scale.LINEAR, false), 1.0).size());
        assertEquals(1, read(new Range.Choice(List.of("adam", "sgd")), "sgd").size());
        assertEquals(1, read(trial(0, 0.9, Map.of()), Map.of("key", RATE)).size(), "what was there before");
    }

    @Test
    void theBestIsNamedAndWhatDiverged() {
        Finding finding = read(RATE, 0.01).getFirst();
        assertEquals(Finding.Kind.GOOD, finding.kind());
        assertEquals(
                "2 settings, 2 trials, 1 of them diverged; best so far: loss 0.5000, accuracy 90.0 % with key 0.01",
                finding.text());
    }

    /** 25 % by always saying the same, give or take twice 4.33 %. */
    @ParameterizedTest
    @CsvSource({"0.336, PROBLEM", "0.337, GOOD"})
    void guessingIsNoGoodAnswer(double accuracy, Finding.Kind expected) {
        Finding finding = read(trial(1, accuracy, Map.of("key", 0.01)), Map.of("key", RATE))
                .getFirst();
        assertEquals(expected, finding.kind(), finding.text());
        if (expected == Finding.Kind.PROBLEM) {
            assertTrue(finding.text().contains("always saying the most frequent label is right on 25.0 %"));
        }
    }

    @Test
    void allDiverged() {
        assertEquals(
                List.of(Finding.problem("all 2 settings diverged: the learning rates are too high; begin the range of"
                        + " optimizer.learningRate lower")),
                read(diverged(0), Map.of("key", RATE)));
    }
}

package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Range}: what is taken from a file, what is drawn from it. */
class RangesOfSettingsTest {
    private static final String KEY = "optimizer.learningRate";
    private static final int DRAWS = 4000;

    private static Range.Interval log(double from, double to) {
        return new Range.Interval(from, to, Range.Scale.LOG, false);
    }

    private static Range.Interval linear(double from, double to) {
        return new Range.Interval(from, to, Range.Scale.LINEAR, false);
    }

    private static Range.Interval whole(double from, double to) {
        return new Range.Interval(from, to, Range.Scale.LINEAR, true);
    }

    private static double[] draws(Range range) {
        RandomGenerator random = new Seed(7).generator("test");
        return IntStream.range(0, DRAWS)
                .mapToDouble(i -> ((Number) range.draw(random)).doubleValue())
                .toArray();
    }

    @Test
    void anIntervalOfAFile() {
        assertEquals(log(0.001, 0.1), Range.of(KEY, Map.of("from", 0.001, "to", 0.1, "scale", "log"), false));
        assertEquals(linear(0, 0.5), Range.of(KEY, Map.of("from", 0, "to", 0.5, "scale", "linear"), false));
        assertEquals(
                linear(0, 0.5), Range.of(KEY, Map.of("from", 0, "to", 0.5), false), "linear where nothing is said");
        assertEquals(whole(10, 80), Range.of("epochs", Map.of("from", 10, "to", 80), true));
        assertEquals(
                new Range.Choice(List.of("adam", "sgd")), Range.of("optimizer.name", List.of("adam", "sgd"), false));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(0.01, "is '0.01'"),
                Arguments.of(List.of(), "is '[]'"),
                Arguments.of(Map.of("from", 1, "until", 2, "step", 3), "has the unknown step, until"),
                Arguments.of(Map.of("from", 1), "lacks a number for from or to"),
                Arguments.of(Map.of("from", "low", "to", 1), "lacks a number for from or to"),
                Arguments.of(Map.of("from", 0.5, "to", 0.1), "goes from 0.5 to 0.1, which is no interval"),
                Arguments.of(Map.of("from", 0.5, "to", 0.5), "goes from 0.5 to 0.5, which is no interval"),
                Arguments.of(
                        Map.of("from", 1, "to", 2, "scale", "square"),
                        "has the scale 'square'; scales are linear and log"),
                Arguments.of(
                        Map.of("from", 0, "to", 2, "scale", "log"),
                        "begins at 0, of which there is no logarithm; begin above 0"));
    }

    /** Which key, what is wrong with it, and what would be right. */
    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsNoRangeIsRefused(Object document, String what) {
        FieldfareException refused = assertThrows(FieldfareException.class, () -> Range.of(KEY, document, false));
        assertEquals(
                "ranges." + KEY + " " + what + "; give values, as in [0, 0.2, 0.5], or an interval, as in"
                        + " {from: 0.001, to: 0.1, scale: log}",
                refused.getMessage());
    }

    static Stream<Range.Interval> intervals() {
        return Stream.of(
                log(1e-5, 0.1),
                // Ends with more digits than are kept: rounding must not carry a value over them.
                log(0.0012345, 0.98765),
                linear(0.1, 0.6),
                linear(0.99, 0.99999),
                whole(2, 5),
                whole(1.5, 3.4),
                new Range.Interval(3, 900, Range.Scale.LOG, true));
    }

    @ParameterizedTest
    @MethodSource("intervals")
    void drawsStayInTheRange(Range.Interval range) {
        for (double drawn : draws(range)) {
            assertTrue(drawn >= range.from() && drawn <= range.to(), drawn + " of " + range);
        }
        range.grid(6).forEach(value -> {
            double number = ((Number) value).doubleValue();
            assertTrue(number >= range.from() && number <= range.to(), number + " of " + range);
        });
    }

    /** The Kolmogorov-Smirnov statistic stays below 1.63 / sqrt(n), its 99 % point, on the scale that was asked for. */
    @Test
    void drawsAreUniformOnTheirScale() {
        Range.Interval log = log(1e-5, 0.1);
        Range.Interval linear = linear(0.1, 0.6);
        double limit = 1.63 / Math.sqrt(DRAWS);
        assertTrue(distance(log, Range.Scale.LOG) < limit, "logarithms: " + distance(log, Range.Scale.LOG));
        assertTrue(distance(linear, Range.Scale.LINEAR) < limit);
        assertTrue(distance(log, Range.Scale.LINEAR) > 0.5, "the statistic tells the scales apart");
    }

    private static double distance(Range.Interval range, Range.Scale scale) {
        double low = scale.of(range.from());
        double high = scale.of(range.to());
        double[] places = Arrays.stream(draws(range))
                .map(value -> (scale.of(value) - low) / (high - low))
                .sorted()
                .toArray();
        double distance = 0;
        for (int i = 0; i < places.length; i++) {
            distance = Math.max(distance, Math.abs(places[i] - (i + 0.5) / places.length));
        }
        return distance;
    }

    @Test
    void wholeNumbersAreWholeAndAllThereAre() {
        Range range = whole(2, 5);
        RandomGenerator random = new Seed(1).generator("test");
        List<Object> drawn = Stream.generate(() -> range.draw(random))
                .limit(200)
                .distinct()
                .sorted()
                .toList();
        assertEquals(List.of(2L, 3L, 4L, 5L), drawn);
        assertEquals(List.of(2L, 3L, 4L, 5L), range.grid(10), "fewer points where there are no more");
    }

    @Test
    void choicesAreDrawnAllAlike() {
        Range range = new Range.Choice(List.of("a", "b", "c", "d"));
        RandomGenerator random = new Seed(3).generator("test");
        long ofB = IntStream.range(0, DRAWS)
                .filter(i -> range.draw(random).equals("b"))
                .count();
        // Four standard errors of a binomial.
        assertEquals(DRAWS / 4.0, ofB, 4 * Math.sqrt(DRAWS * 0.25 * 0.75));
        assertEquals(List.of("a", "b", "c", "d"), range.grid(2), "what cannot be divided is tried in full");
    }

    @Test
    void aGridHasTheEndsAndEqualSteps() {
        assertEquals(List.of(1e-4, 1e-3, 1e-2, 0.1), log(1e-4, 0.1).grid(4));
        assertEquals(List.of(0.0, 0.3, 0.6), linear(0, 0.6).grid(3));
        assertEquals(List.of(0.01), log(1e-3, 0.1).grid(1), "one is the middle");
    }

    @Test
    void placesAreSharesOfTheScale() {
        assertEquals(0.5, log(1e-4, 1e-2).place(1e-3), 1e-12);
        assertEquals(0.25, linear(0, 2).place(0.5), 1e-12);
        assertEquals(1.0, new Range.Choice(List.of("a", "b", "c")).place("c"));
    }

    @Test
    void aroundAValueAndNeverBeyondTheEnds() {
        Range.Interval middle = (Range.Interval) log(1e-4, 1).around(0.01, 0.5);
        assertEquals(1e-3, middle.from(), 1e-12);
        assertEquals(0.1, middle.to(), 1e-12);
        Range.Interval atTheEnd = (Range.Interval) linear(0, 1).around(0.95, 0.4);
        assertEquals(0.6, atTheEnd.from(), 1e-12, "as long as ever, moved inwards");
        assertEquals(1, atTheEnd.to(), 1e-12);
        // The settings that were there before may lie outside of what is searched.
        Range.Interval outside = (Range.Interval) log(1e-3, 0.1).around(0.0, 0.4);
        assertEquals(1e-3, outside.from(), 1e-12);
        assertEquals(new Range.Choice(List.of(3L)), whole(1, 5).around(3L, 0.05), "nothing else is near");
        assertEquals(new Range.Choice(List.of("b")), new Range.Choice(List.of("a", "b")).around("b", 0.4));
    }
}

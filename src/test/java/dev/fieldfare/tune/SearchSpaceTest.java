package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.TrainingSettings;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link SearchSpace}: points by seed, grids, and how a point becomes settings. */
class SearchSpaceTest {
    private static final Seed SEED = new Seed(5);
    private static final Range RATE = new Range.Interval(1e-4, 0.1, Range.Scale.LOG, false);
    private static final Range DROPOUT = new Range.Interval(0, 0.6, Range.Scale.LINEAR, false);
    private static final Range NAME = new Range.Choice(List.of("adam", "sgd"));

    private static SearchSpace space(Object... keysAndRanges) {
        Map<String, Range> ranges = new LinkedHashMap<>();
        for (int i = 0; i < keysAndRanges.length; i += 2) {
            ranges.put((String) keysAndRanges[i], (Range) keysAndRanges[i + 1]);
        }
        return new SearchSpace(ranges);
    }

    @Test
    void theSeedDecidesAPoint() {
        SearchSpace space = space("optimizer.learningRate", RATE, "noise.dropout", DROPOUT);
        assertEquals(space.draw(SEED, "coarse", 3), space.draw(new Seed(5), "coarse", 3));
        assertNotEquals(space.draw(SEED, "coarse", 3), space.draw(SEED, "coarse", 4));
        assertNotEquals(space.draw(SEED, "coarse", 3), space.draw(SEED, "refine 1", 3));
        assertNotEquals(space.draw(SEED, "coarse", 3), space.draw(new Seed(6), "coarse", 3));
    }

    /** So that a search with one more setting tries the same values of the others. */
    @Test
    void aSettingDrawsWhateverTheOthersAre() {
        Map<String, Object> alone = space("noise.dropout", DROPOUT).draw(SEED, "coarse", 3);
        Map<String, Object> among = space(
                        "optimizer.name", NAME, "optimizer.learningRate", RATE, "noise.dropout", DROPOUT)
                .draw(SEED, "coarse", 3);
        assertEquals(alone.get("noise.dropout"), among.get("noise.dropout"));
    }

    @ParameterizedTest
    @CsvSource({
        // points allowed, points of a grid of two intervals and two choices
        "8, 8",
        "17, 8",
        "18, 18",
        "31, 18",
        "32, 32",
        "200, 200"
    })
    void aGridIsAsFineAsIsAllowed(int most, int expected) {
        SearchSpace space = space("optimizer.learningRate", RATE, "noise.dropout", DROPOUT, "optimizer.name", NAME);
        List<Map<String, Object>> grid = space.grid(most, SEED);
        assertEquals(expected, grid.size());
        assertEquals(expected, new HashSet<>(grid).size(), "each point once");
        for (double rate : new double[] {1e-4, 0.1}) {
            for (double dropout : new double[] {0, 0.6}) {
                for (String name : List.of("adam", "sgd")) {
                    assertTrue(
                            grid.contains(Map.of(
                                    "optimizer.learningRate", rate, "noise.dropout", dropout, "optimizer.name", name)),
                            "the corners are in it");
                }
            }
        }
    }

    @Test
    void aGridOfChoicesEnds() {
        assertEquals(2, space("optimizer.name", NAME).grid(1000, SEED).size());
    }

    /** One that is not finished covers the space evenly. */
    @Test
    void aGridIsInRandomOrderThatTheSeedDecides() {
        SearchSpace space = space("optimizer.learningRate", RATE, "noise.dropout", DROPOUT);
        List<Map<String, Object>> grid = space.grid(25, SEED);
        assertEquals(grid, space.grid(25, new Seed(5)));
        assertNotEquals(grid, space.grid(25, new Seed(6)));
        long rates = grid.stream()
                .limit(8)
                .map(point -> point.get("optimizer.learningRate"))
                .distinct()
                .count();
        assertTrue(rates >= 3, "the first eight points have " + rates + " learning rates of five");
    }

    @Test
    void aroundAPointEachRangeIsSmaller() {
        SearchSpace near = space("optimizer.learningRate", RATE, "noise.dropout", DROPOUT)
                .around(Map.of("optimizer.learningRate", 0.003, "noise.dropout", 0.3), 0.4);
        IntStream.range(0, 100).forEach(i -> {
            Map<String, Object> point = near.draw(SEED, "refine", i);
            double rate = (Double) point.get("optimizer.learningRate");
            double dropout = (Double) point.get("noise.dropout");
            // 0.2 of three magnitudes to each side, and 0.2 of 0.6; three digits are kept.
            assertEquals(Math.log10(0.003), Math.log10(rate), 0.2 * 3 + 0.003);
            assertEquals(0.3, dropout, 0.12 + 1e-3);
        });
    }

    @Test
    void keysWithDotsAreNested() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("epochs", 5);
        values.put("optimizer.learningRate", 0.1);
        values.put("optimizer.name", "sgd");
        values.put("augment.strengths.featureMixup", 0.2);
        assertEquals(
                Map.of(
                        "epochs", 5,
                        "optimizer", Map.of("learningRate", 0.1, "name", "sgd"),
                        "augment", Map.of("strengths", Map.of("featureMixup", 0.2))),
                SearchSpace.nested(values));
    }

    @Test
    void appliedToSettingsAllElseStays() {
        TrainingSettings settings = TrainingSettings.DEFAULT;
        TrainingSettings other =
                SearchSpace.apply(settings, Map.of("regularization.l2", 0.25, "epochs", 7L, "optimizer.name", "sgd"));
        assertEquals(0.25, other.regularization().l2());
        assertEquals(7, other.epochs());
        assertEquals("sgd", other.optimizer().name());
        assertEquals(settings.optimizer().warmUpEpochs(), other.optimizer().warmUpEpochs());
        assertEquals(settings.augment(), other.augment());
        assertEquals(settings, SearchSpace.apply(settings, Map.of()));
        assertEquals(0.25, SearchSpace.valueIn(other, "regularization.l2"));
        assertEquals(
                settings.augment().strengths().get("crop"), SearchSpace.valueIn(settings, "augment.strengths.crop"));
    }

    @Test
    void aKeyThatIsNoSettingIsNamed() {
        FieldfareException refused = assertThrows(
                FieldfareException.class,
                () -> SearchSpace.valueIn(TrainingSettings.DEFAULT, "optimizer.learningrate"));
        assertEquals(
                "ranges.optimizer.learningrate: there is no such setting of a retraining; its keys are in the training"
                        + " guide, such as optimizer.learningRate",
                refused.getMessage());
        String applied = assertThrows(
                        FieldfareException.class,
                        () -> SearchSpace.apply(TrainingSettings.DEFAULT, Map.of("optimizer.learningrate", 1)))
                .getMessage();
        assertTrue(applied.contains("learningrate") && applied.contains("learningRate"), applied);
    }

    @Test
    void aValueOutOfRangeIsNamed() {
        String refused = assertThrows(
                        FieldfareException.class,
                        () -> SearchSpace.apply(TrainingSettings.DEFAULT, Map.of("noise.dropout", 1.5)))
                .getMessage();
        assertTrue(refused.contains("noise.dropout") && refused.contains("1.5"), refused);
    }
}

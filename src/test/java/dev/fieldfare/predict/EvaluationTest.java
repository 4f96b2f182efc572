package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.predict.Evaluation.ClassScore;
import dev.fieldfare.predict.Evaluation.Interval;
import dev.fieldfare.predict.Evaluation.ReliabilityBin;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected figures were computed with scikit-learn 1.9.1 (metrics) and SciPy 1.17.1 (stats.binomtest), or by hand. */
class EvaluationTest {
    private static final List<String> LABELS = List.of("nut", "screw", "spring");
    private static final int[] TRUTH = {0, 0, 1, 2, 2, 2, 1, 1};
    private static final List<float[]> PROBABILITIES = List.of(
            new float[] {.7f, .2f, .1f},
            new float[] {.5f, .4f, .1f},
            new float[] {.1f, .8f, .1f},
            new float[] {.3f, .3f, .4f},
            new float[] {.2f, .6f, .2f},
            new float[] {.05f, .05f, .9f},
            new float[] {.6f, .3f, .1f},
            new float[] {0, .5f, .5f});
    private static final Evaluation EVALUATION = Evaluation.of(LABELS, TRUTH, PROBABILITIES, "none", 1);

    @Test
    void accuracyAndLossAreThoseOfScikitLearn() {
        assertEquals(8, EVALUATION.images());
        assertEquals(6, EVALUATION.right());
        assertEquals(0.75, EVALUATION.accuracy());
        assertEquals(0.7251468474682237, EVALUATION.loss(), 1e-12);
        assertEquals(Interval.wilson(6, 8), EVALUATION.accuracyInterval());
        assertEquals("none", EVALUATION.averaging());
    }

    @Test
    void confusionHasTruthInRows() {
        assertEquals(List.of(List.of(2, 0, 0), List.of(1, 2, 0), List.of(0, 1, 2)), EVALUATION.confusion());
    }

    @Test
    void scoresOfClassesAreThoseOfScikitLearn() {
        double third = 2 / 3.0;
        assertEquals(
                List.of(
                        new ClassScore("nut", 2, third, 1.0, 0.8),
                        new ClassScore("screw", 3, third, third, third),
                        new ClassScore("spring", 3, 1.0, third, 0.8)),
                EVALUATION.perClass());
    }

    @Test
    void scoresThatPicturesDoNotDefineAreNull() {
        Evaluation onlyNuts = Evaluation.of(LABELS, new int[] {0}, List.of(new float[] {.1f, .8f, .1f}), "none", 1);
        assertEquals(
                List.of(
                        new ClassScore("nut", 1, null, 0.0, 0.0),
                        new ClassScore("screw", 0, 0.0, null, 0.0),
                        new ClassScore("spring", 0, null, null, null)),
                onlyNuts.perClass());
    }

    @Test
    void calibrationErrorIsTheMeanGapOfTheBins() {
        // By hand, from the definition of Guo et al., with numpy: bins 6, 7, 9, 10, 12 and 13 hold 1, 2, 2, 1, 1, 1.
        assertEquals(0.42500000819563866, EVALUATION.ece(), 1e-12);
        List<Integer> images =
                EVALUATION.reliability().stream().map(ReliabilityBin::images).toList();
        assertEquals(List.of(0, 0, 0, 0, 0, 0, 1, 2, 0, 2, 1, 0, 1, 1, 0), images);
        ReliabilityBin bin = EVALUATION.reliability().get(9);
        assertEquals(0.6, Objects.requireNonNull(bin.confidence()), 1e-6);
        assertEquals(0.0, bin.accuracy());
        assertEquals(9 / 15.0, bin.from());
        assertEquals(10 / 15.0, bin.to());
        assertNull(EVALUATION.reliability().getFirst().confidence());
        assertNull(EVALUATION.reliability().getFirst().accuracy());
    }

    @Test
    void certaintyFallsIntoTheLastBinAndImpossibleTruthCostsAFiniteLoss() {
        Evaluation certain = Evaluation.of(
                List.of("a", "b"), new int[] {0, 1}, List.of(new float[] {1, 0}, new float[] {1, 0}), "", 1);
        assertEquals(2, certain.reliability().getLast().images());
        assertEquals(0.5, certain.ece());
        assertEquals(-Math.log(1e-12) / 2, certain.loss(), 1e-12);
    }

    @Test
    void top5CountsTheFiveMostProbable() {
        List<String> seven = List.of("a", "b", "c", "d", "e", "f", "g");
        List<float[]> probabilities = List.of(
                new float[] {.05f, .1f, .15f, .2f, .25f, .2f, .05f},
                new float[] {.30f, .25f, .20f, .12f, .08f, .04f, .01f},
                new float[] {.01f, .02f, .03f, .04f, .1f, .3f, .5f});
        Evaluation evaluation = Evaluation.of(seven, new int[] {6, 6, 4}, probabilities, "none", 1);
        assertEquals(1 / 3.0, evaluation.top5());
        assertEquals(0.0, evaluation.accuracy());
        // A model that cannot tell is right by the order of the labels, and no more often than that.
        float[] same = new float[7];
        Arrays.fill(same, 1 / 7f);
        Evaluation undecided = Evaluation.of(seven, new int[] {0, 4, 5, 6}, List.of(same, same, same, same), "none", 1);
        assertEquals(0.5, undecided.top5());
        assertEquals(0.25, undecided.accuracy());
        assertNull(EVALUATION.top5());
    }

    @ParameterizedTest
    @CsvSource({
        "8, 10, 0.4901624715366418, 0.9433178485456248",
        "93, 100, 0.8625048526092649, 0.9656807389327273",
        "0, 5, 0.0, 0.43448246478317476",
        "5, 5, 0.5655175352168251, 1.0",
        "1, 1, 0.20654931437723745, 1.0"
    })
    void wilsonIntervalIsThatOfScipy(int right, int images, double low, double high) {
        Interval interval = Interval.wilson(right, images);
        assertEquals(low, interval.low(), 1e-12);
        assertEquals(high, interval.high(), 1e-12);
    }

    @Test
    void whatIsNoProbabilityIsRefused() {
        for (float bad : new float[] {Float.NaN, 7.5f, -0.2f}) {
            var e = assertThrows(
                    FieldfareException.class,
                    () -> Evaluation.of(LABELS, new int[] {0}, List.of(new float[] {0, bad, 0}), "none", 1));
            assertTrue(e.getMessage().contains(Float.toString(bad)), e.getMessage());
            assertTrue(e.getMessage().contains("logits"), e.getMessage());
        }
        assertThrows(FieldfareException.class, () -> Evaluation.of(LABELS, new int[0], List.of(), "none", 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Evaluation.of(LABELS, new int[] {3}, List.of(new float[] {0, 1, 0}), "none", 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Evaluation.of(LABELS, new int[] {0}, List.of(new float[] {0, 1}), "none", 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Evaluation.of(LABELS, new int[] {0, 1}, List.of(new float[] {0, 1, 0}), "none", 1));
    }
}

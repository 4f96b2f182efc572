package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
    private static final float[] RIGHT = {.8f, .2f};
    private static final float[] BARELY_RIGHT = {.6f, .4f};
    private static final float[] WRONG = {.4f, .6f};

    /** So many pictures that both, only the old, only the new and neither gets right. */
    private static Comparison pictures(int both, int onlyOld, int onlyNew, int neither) {
        List<float[]> old = new ArrayList<>();
        List<float[]> young = new ArrayList<>();
        for (int i = 0; i < both + onlyOld + onlyNew + neither; i++) {
            boolean oldRight = i < both + onlyOld;
            boolean newRight = i < both || i >= both + onlyOld && i < both + onlyOld + onlyNew;
            old.add(oldRight ? RIGHT : WRONG);
            young.add(newRight ? RIGHT : WRONG);
        }
        return Comparison.of(new int[old.size()], old, young);
    }

    /** Expected p: scipy.stats.binomtest(onlyOld, onlyOld + onlyNew).pvalue. */
    @ParameterizedTest
    @CsvSource({
        "3, 9, 0.14599609375",
        "0, 5, 0.0625",
        "5, 0, 0.0625",
        "4, 4, 1.0",
        "0, 0, 1.0",
        "20, 40, 0.01348929373119186",
        "1000, 1100, 0.03072070786424249"
    })
    void pIsThatOfTheExactTest(int onlyOld, int onlyNew, double p) {
        assertEquals(p, pictures(7, onlyOld, onlyNew, 2).p(), 1e-10);
    }

    @Test
    void moreRightIsBetter() {
        Comparison comparison = pictures(81, 0, 12, 7);
        assertTrue(comparison.better());
        assertFalse(comparison.withinChance());
        assertEquals(0.81, comparison.oldAccuracy());
        assertEquals(0.93, comparison.newAccuracy());
        assertEquals(0.12, comparison.difference(), 1e-15);
        assertEquals(12, comparison.onlyNewRight());
        assertEquals((-93 * Math.log(.8f) - 7 * Math.log(.4f)) / 100, comparison.newLoss(), 1e-12);
        assertEquals(
                "the new model is right on 93 of 100 held-back pictures, the old one on 81;"
                        + " that is more than chance (p = 0.00049)",
                comparison.reason());
    }

    @Test
    void fewerRightIsNotBetterAndSmallDifferencesAreCalledChance() {
        Comparison comparison = pictures(5, 2, 1, 2);
        assertFalse(comparison.better());
        assertTrue(comparison.withinChance());
        assertEquals(
                "the new model is right on 6 of 10 held-back pictures, the old one on 7; so small a difference is"
                        + " within chance, and more held-back pictures would tell (p = 1.0)",
                comparison.reason());
    }

    @Test
    void lossBreaksTies() {
        int[] truth = {0};
        Comparison lower = Comparison.of(truth, List.of(BARELY_RIGHT), List.of(RIGHT));
        Comparison higher = Comparison.of(truth, List.of(RIGHT), List.of(BARELY_RIGHT));
        Comparison same = Comparison.of(truth, List.of(RIGHT), List.of(RIGHT));
        assertTrue(lower.better());
        assertFalse(higher.better());
        assertFalse(same.better());
        assertEquals(
                "both models are right on 1 of 1 held-back pictures, and the loss of the new one is lower (0.223"
                        + " against 0.511)",
                lower.reason());
        assertTrue(same.reason().contains("the same"));
    }

    @Test
    void onlyTheSamePicturesCompare() {
        assertThrows(
                IllegalArgumentException.class, () -> Comparison.of(new int[2], List.of(RIGHT, RIGHT), List.of(RIGHT)));
        assertThrows(FieldfareException.class, () -> Comparison.of(new int[0], List.of(), List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> Comparison.of(new int[1], List.of(RIGHT), List.of(new float[] {1, 0, 0})));
    }
}

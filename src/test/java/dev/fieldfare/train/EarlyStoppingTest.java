package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
    /** The epoch after which it stops, counted from 1; 0 if it never does. */
    private static int stops(int patience, EarlyStopping[] stopping, double... losses) {
        stopping[0] = new EarlyStopping(patience);
        for (int epoch = 1; epoch <= losses.length; epoch++) {
            stopping[0].improves(epoch, losses[epoch - 1]);
            if (stopping[0].isOver(epoch)) {
                return epoch;
            }
        }
        return 0;
    }

    @Test
    void stopsPatienceEpochsAfterTheLowest() {
        EarlyStopping[] stopping = new EarlyStopping[1];
        assertEquals(6, stops(3, stopping, 5, 4, 3, 3.5, 3.2, 3.1, 1));
        assertEquals(3, stopping[0].bestEpoch());
    }

    @Test
    void equalIsNotLower() {
        EarlyStopping[] stopping = new EarlyStopping[1];
        assertEquals(3, stops(2, stopping, 5, 5, 5, 5));
        assertEquals(1, stopping[0].bestEpoch());
    }

    @Test
    void everyNewLowestStartsAnew() {
        EarlyStopping[] stopping = new EarlyStopping[1];
        assertEquals(0, stops(2, stopping, 5, 6, 4, 6, 3, 6, 2));
        assertEquals(7, stopping[0].bestEpoch());
    }

    @Test
    void patienceZeroNeverStops() {
        assertEquals(0, stops(0, new EarlyStopping[1], 1, 2, 3, 4, 5, 6));
    }

    @Test
    void aLossThatIsNoNumberNeverImproves() {
        EarlyStopping stopping = new EarlyStopping(2);
        assertFalse(stopping.improves(1, Double.NaN));
        assertFalse(stopping.improves(2, Double.POSITIVE_INFINITY));
        assertTrue(stopping.isOver(2));
        assertEquals(0, stopping.bestEpoch());
        assertTrue(stopping.improves(3, 100));
        assertFalse(stopping.improves(4, Double.NaN));
    }
}

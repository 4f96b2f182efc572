package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
    /** Peak 0.4, four steps of warm-up, twelve steps: by hand, 0.2 (1 + cos(pi k / 8)). */
    @ParameterizedTest
    @CsvSource({
        "0, 0.1",
        "1, 0.2",
        "2, 0.3",
        "3, 0.4",
        "4, 0.4",
        "6, 0.3414213562373095",
        "8, 0.2",
        "10, 0.0585786437626905",
        "11, 0.0152240934977427",
        "12, 0",
        "100, 0"
    })
    void risesInALineAndFallsInHalfACosine(long step, double rate) {
        assertEquals(rate, new Schedule(0.4, 4, 12).at(step), 1e-15);
    }

    @Test
    void withoutWarmUpTheFirstStepIsThePeak() {
        assertEquals(0.4, new Schedule(0.4, 0, 12).at(0));
    }

    @Test
    void aWarmUpLongerThanTheRunOnlyRises() {
        Schedule schedule = new Schedule(1, 20, 10);
        for (long step = 0; step < 10; step++) {
            assertEquals((step + 1) / 20.0, schedule.at(step), 1e-15);
        }
    }

    @Test
    void everyStepLearnsSomething() {
        Schedule schedule = new Schedule(0.003, 2, 7);
        for (long step = 0; step < 7; step++) {
            assertTrue(schedule.at(step) > 0, "step " + step);
        }
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A board without a battery believes that it is some day long ago, until it finds the network. */
class ClockJumpTest {
    private static final Instant LONG_AGO = Instant.parse("2024-07-04T00:00:10Z");

    /** How long a retraining takes is counted look by look; a jump counts as one look. */
    @Test
    void aJumpIsNoTimeThatATrainingTook() {
        Duration look = Duration.ofMillis(250);
        assertEquals(look, Retrainer.passed(LONG_AGO, LONG_AGO.plus(look)));
        assertEquals(Duration.ofSeconds(40), Retrainer.passed(LONG_AGO, LONG_AGO.plusSeconds(40)), "a slow machine");
        assertEquals(look, Retrainer.passed(LONG_AGO, Instant.parse("2026-11-23T12:00:00Z")));
        assertEquals(look, Retrainer.passed(Instant.parse("2026-11-23T12:00:00Z"), LONG_AGO));
    }
}

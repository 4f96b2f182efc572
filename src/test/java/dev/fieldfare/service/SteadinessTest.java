package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.gpio.Header;
import dev.fieldfare.gpio.Pin;
import dev.fieldfare.gpio.SimulatedPins;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lights that go by a rule of their own. */
class SteadinessTest {
    private static final DecisionSettings CLASSIFIER = new DecisionSettings(0.6, 0.4, 3, 5);

    private static final Action OTHER = new Action() {
        @Override
        public String name() {
            return "other";
        }

        @Override
        public void on(Event event) {}

        @Override
        public void close() {}
    };

    private static LightSettings light(String pin, double confidence, int frames, int of, String... labels) {
        return new LightSettings(pin, new When("", List.of(labels)), confidence, frames, of, Duration.ZERO, false);
    }

    /** What a light leaves out is as its classifier decides; what cannot be left so follows what is given. */
    @ParameterizedTest
    @CsvSource({
        "0.9, 8, 10,   0.9, 0.4, 8, 10",
        "0.9, 0, 0,    0.9, 0.4, 3, 5",
        "0.3, 0, 0,    0.3, 0.3, 3, 5",
        "0, 4, 0,      0.6, 0.4, 4, 5",
        "0, 8, 0,      0.6, 0.4, 8, 8",
        "0, 0, 20,     0.6, 0.4, 3, 20",
        "0, 0, 2,      0.6, 0.4, 2, 2",
    })
    void theRestIsAsTheClassifierDecides(
            double confidence, int frames, int of, double least, double keep, int agreeing, int last) {
        Steadiness rule = light("GPIO4", confidence, frames, of).steadiness().orElseThrow();
        assertEquals(new DecisionSettings(least, keep, agreeing, last), rule.over(CLASSIFIER));
    }

    @Test
    void whoSaysNothingFollowsTheClassifier() {
        assertEquals(Optional.empty(), light("GPIO4", 0, 0, 0).steadiness());
        assertTrue(light("GPIO4", 0, 0, 0).isOnFor("nut"));
        assertFalse(light("GPIO4", 0, 0, 0).isOnFor("unknown"));
        assertTrue(light("GPIO4", 0, 0, 0, "unknown").isOnFor("unknown"));
    }

    @Test
    void moreThanThereAreCannotAgree() {
        String message = assertThrows(FieldfareException.class, () -> light("GPIO4", 0, 6, 5))
                .getMessage();
        assertTrue(message.contains("lights.frames"), message);
    }

    /** Each decision reaches the lights that follow its rule, and no others; webhooks and brokers hear of none of it. */
    @Test
    void eachLightFollowsItsRule() {
        SimulatedPins pins = new SimulatedPins();
        Header header = Header.simulated(pins, (delay, task) -> () -> {}, failure -> {
            throw new AssertionError(failure);
        });
        LightSettings quick = light("GPIO17", 0, 0, 0, "nut");
        LightSettings calm = light("GPIO27", 0.9, 8, 10, "nut");
        Steadiness rule = calm.steadiness().orElseThrow();
        try (Panel panel = new Panel(header, List.of(quick, calm), List.of(), "", Set.of(), order -> {})) {
            panel.on(new Event.Decided(Instant.EPOCH, "parts", "nut", "unknown", 0.99, Optional.empty()));
            assertLights(pins, true, false);
            Event steadied = new Event.Steadied(Instant.EPOCH, "parts", rule, "nut");
            assertTrue(panel.wants(steadied));
            assertFalse(OTHER.wants(steadied));
            panel.on(steadied);
            assertLights(pins, true, true);
            panel.on(new Event.Decided(Instant.EPOCH, "parts", "washer", "nut", 0.99, Optional.empty()));
            assertLights(pins, false, true);
            panel.on(new Event.Steadied(Instant.EPOCH, "parts", rule, "unknown"));
            assertLights(pins, false, false);
            // What was looked at before a pause, and comes after it, lights nothing.
            panel.on(new Event.Paused(Instant.EPOCH, true));
            panel.on(steadied);
            panel.on(new Event.Decided(Instant.EPOCH, "parts", "nut", "unknown", 0.99, Optional.empty()));
            assertLights(pins, false, false);
        }
    }

    private static void assertLights(SimulatedPins pins, boolean quick, boolean calm) {
        assertEquals(Optional.of(quick), pins.high(Pin.of("GPIO17")));
        assertEquals(Optional.of(calm), pins.high(Pin.of("GPIO27")));
    }
}

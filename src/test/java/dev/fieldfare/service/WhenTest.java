package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fieldfare.FieldfareException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WhenTest {
    private static final Instant AT = Instant.EPOCH;

    private static Event decided(String classifier, String label) {
        return new Event.Decided(AT, classifier, label, SteadyDecision.UNKNOWN, 0.9, Optional.empty());
    }

    private static Stream<Arguments> cases() {
        When nuts = new When("parts", List.of("nut", "unknown"));
        Event.Training training = new Event.Training(AT, "parts", Event.Training.Stage.STARTED, "");
        return Stream.of(
                Arguments.of(When.ALWAYS, decided("parts", "nut"), true),
                Arguments.of(When.ALWAYS, new Event.Paused(AT, true), true),
                Arguments.of(nuts, decided("parts", "nut"), true),
                Arguments.of(nuts, decided("parts", "unknown"), true),
                Arguments.of(nuts, decided("parts", "screw"), false),
                Arguments.of(nuts, decided("birds", "nut"), false),
                Arguments.of(nuts, new Event.Captured(AT, "parts", "nut", "s", List.of()), true),
                Arguments.of(nuts, new Event.Captured(AT, "parts", "screw", "s", List.of()), false),
                Arguments.of(nuts, training, true),
                Arguments.of(new When("birds", List.of()), training, false),
                Arguments.of(new When("birds", List.of()), new Event.ModelChanged(AT, "parts", "v2"), false),
                Arguments.of(nuts, new Event.CameraLost(AT, "front", "unplugged"), true));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matches(When when, Event event, boolean expected) {
        assertEquals(expected, when.matches(event));
    }

    @Test
    void emptyLabelIsRefused() {
        assertThrows(FieldfareException.class, () -> new When("", List.of(" ")));
    }
}

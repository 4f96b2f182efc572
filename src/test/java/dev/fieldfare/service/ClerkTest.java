package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClerkTest {
    private Instant now = Instant.parse("2026-11-23T01:00:00Z");
    private final Map<String, Integer> pictures = new HashMap<>(Map.of("parts", 0));
    private final List<String> asked = new ArrayList<>();

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private final Clerk clerk = new Clerk(clock, name -> pictures.getOrDefault(name, 0), asked::add);

    private void look(int after, String at) {
        RetrainSettings rules =
                new RetrainSettings(after, at, 80, 30, Duration.ofHours(1), 10, RetrainSettings.DEFAULT.training());
        ClassifierSettings settings = ClassifierSettings.DEFAULT;
        clerk.look(Map.of(
                "parts",
                new ClassifierSettings(
                        "",
                        settings.model(),
                        settings.average(),
                        0,
                        List.of(),
                        settings.decision(),
                        settings.collect(),
                        rules)));
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void soManyNewPicturesAreReasonEnough() {
        clerk.knows("parts", 10);
        pictures.put("parts", 29);
        look(20, "");
        assertEquals(List.of(), asked);
        pictures.put("parts", 30);
        look(20, "");
        look(20, "");
        assertEquals(List.of("parts"), asked);
        pictures.put("parts", 49);
        look(20, "");
        assertEquals(1, asked.size());
        pictures.put("parts", 50);
        look(20, "");
        assertEquals(2, asked.size());
    }

    @Test
    void theTimeOfDayComesOnceADay() {
        pictures.put("parts", 5);
        for (int hour = 0; hour < 49; hour++) {
            pictures.merge("parts", 1, Integer::sum);
            look(0, "03:00");
            pass(Duration.ofHours(1));
        }
        assertEquals(2, asked.size());
    }

    @Test
    void withoutNewPicturesThereIsNothingToLearn() {
        clerk.knows("parts", 5);
        pictures.put("parts", 5);
        for (int hour = 0; hour < 25; hour++) {
            look(0, "03:00");
            pass(Duration.ofHours(1));
        }
        assertEquals(List.of(), asked);
    }

    /** A board without a battery thinks that it is 1970 until it finds the network. */
    @Test
    void aClockThatJumpsDoesNoHarm() {
        pictures.put("parts", 5);
        now = Instant.EPOCH;
        look(0, "03:00");
        now = Instant.parse("2026-11-23T12:00:00Z");
        look(0, "03:00");
        assertEquals(1, asked.size());
        now = Instant.parse("2026-11-23T02:59:59Z");
        pictures.put("parts", 6);
        look(0, "03:00");
        assertEquals(1, asked.size());
    }
}

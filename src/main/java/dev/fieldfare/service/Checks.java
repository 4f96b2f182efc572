package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.time.Duration;

/** Checks of the device's settings, with messages that name the key. */
final class Checks {
    private Checks() {}

    static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new FieldfareException(key + " must be " + expected + ", but is " + found);
        }
    }

    static void requireShare(String key, double share) {
        require(share >= 0 && share <= 1, key, "a probability, 0 to 1", share);
    }

    static void requireRange(String key, long value, long lowest, long highest) {
        require(value >= lowest && value <= highest, key, lowest + " to " + highest, value);
    }

    static void requireTime(String key, Duration time, Duration highest) {
        require(
                !time.isNegative() && time.compareTo(highest) <= 0,
                key,
                "a length of time up to " + highest.toSeconds() + "s",
                time.toMillis() + "ms");
    }
}

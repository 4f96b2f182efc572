package dev.fieldfare.service;

import dev.fieldfare.model.ModelStore;
import dev.fieldfare.train.TrainingSettings;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * When and how a device learns from the pictures that it collected.
 *
 * @param afterPictures so many new pictures start a retraining; 0 for never
 * @param at the time of day at which it learns if there are new pictures, such as {@code "03:00"}; empty for never
 * @param hot degrees Celsius of the processor above which the training rests, 40 to 120
 * @param battery percent of a battery below which it rests while nothing charges it, 0 to 100
 * @param longest after which it is given up
 * @param keep how many versions stay, besides the one in use and the one before it; 0 for all
 * @param training how it is trained; as in a configuration for {@code retrain}
 */
public record RetrainSettings(
        int afterPictures, String at, double hot, int battery, Duration longest, int keep, TrainingSettings training) {
    public static final RetrainSettings DEFAULT =
            new RetrainSettings(0, "", 80, 30, Duration.ofHours(6), ModelStore.KEEP, TrainingSettings.DEFAULT);

    public RetrainSettings {
        Checks.requireRange("retrain.afterPictures", afterPictures, 0, 1_000_000);
        Checks.require(
                at.isEmpty() || time(at).isPresent(),
                "retrain.at",
                "a time of day in quotes, such as \"03:00\", or empty",
                "'" + at + "'");
        Checks.require(hot >= 40 && hot <= 120, "retrain.hot", "40 to 120 degrees Celsius", hot);
        Checks.requireRange("retrain.battery", battery, 0, 100);
        Checks.requireRange("retrain.keep", keep, 0, 1_000_000);
        Checks.requireTime("retrain.longest", longest, Duration.ofDays(7));
    }

    private static Optional<LocalTime> time(String text) {
        try {
            return Optional.of(LocalTime.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty(); // the caller says what was expected
        }
    }

    /** The time of day at which it learns. */
    Optional<LocalTime> timeOfDay() {
        return at.isEmpty() ? Optional.empty() : time(at);
    }
}

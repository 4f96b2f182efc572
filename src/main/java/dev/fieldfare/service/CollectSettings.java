package dev.fieldfare.service;

import dev.fieldfare.train.MemorySize;
import java.time.Duration;

/**
 * Which pictures a device keeps to learn from.
 *
 * @param burst how many pictures one press of a label's button takes, 1 to 1000
 * @param interval the least time between two pictures of a burst
 * @param unsure whether pictures that the model is unsure of are kept, to be labelled later
 * @param below the probability below which the model is unsure, 0 to 1
 * @param every the least time between two such pictures
 * @param most how much room these take at most, such as {@code 64M}
 */
public record CollectSettings(int burst, Duration interval, boolean unsure, double below, Duration every, String most) {
    public static final CollectSettings DEFAULT =
            new CollectSettings(10, Duration.ofMillis(200), true, 0.6, Duration.ofSeconds(30), "64M");

    public CollectSettings {
        Checks.requireRange("collect.burst", burst, 1, 1000);
        Checks.requireTime("collect.interval", interval, Duration.ofMinutes(1));
        Checks.requireShare("collect.below", below);
        Checks.requireTime("collect.every", every, Duration.ofDays(1));
        Checks.require(
                MemorySize.parse("collect.most", most) > 0, "collect.most", "a size, such as 64M", "'" + most + "'");
    }

    /** {@link #most} in bytes. */
    long mostBytes() {
        return MemorySize.parse("collect.most", most);
    }
}

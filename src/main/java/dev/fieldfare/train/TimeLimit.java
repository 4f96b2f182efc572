package dev.fieldfare.train;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Keeps the caching of views within a run's time: what one look takes is measured on the first pass over the pictures. */
final class TimeLimit {
    /** Share of the time left that caching may take; training and checking need the rest. */
    private static final double SHARE = 0.7;

    private final Optional<Instant> deadline;
    private final InstantSource clock;
    private Instant start;
    private double secondsPerLook;

    TimeLimit(Optional<Instant> deadline, InstantSource clock) {
        this.deadline = deadline;
        this.clock = clock;
        this.start = clock.instant();
    }

    /** The first pass begins. */
    void begin() {
        start = clock.instant();
    }

    /** The first pass is over; so many pictures were looked at once. */
    void looked(int pictures) {
        secondsPerLook = seconds(start, clock.instant()) / Math.max(1, pictures);
    }

    /** Of a picture, by all threads together. */
    double secondsPerLook() {
        return secondsPerLook;
    }

    /** How many of the wanted views of so many pictures can be looked at in time. */
    int affordable(int wanted, int pictures) {
        if (deadline.isEmpty()) {
            return wanted;
        }
        double left = SHARE * seconds(clock.instant(), deadline.get());
        return (int) Math.clamp(left / Math.max(1e-9, secondsPerLook * pictures), 0, wanted);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}

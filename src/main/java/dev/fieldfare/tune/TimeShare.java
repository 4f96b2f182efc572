package dev.fieldfare.tune;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time that a search was given, and how much of it is left. */
final class TimeShare {
    private final InstantSource clock;
    private final Instant start;
    private final Instant end;

    TimeShare(InstantSource clock, Duration whole) {
        this.clock = clock;
        this.start = clock.instant();
        this.end = start.plus(whole);
    }

    Instant now() {
        return clock.instant();
    }

    /** The end, less so many seconds. */
    Instant endLess(double seconds) {
        return end.minusMillis((long) (1000 * seconds));
    }

    /** So far into it. */
    Instant at(double share) {
        return start.plusMillis((long) (share * Duration.between(start, end).toMillis()));
    }

    /** Whether work of so many seconds that begins now ends before then. */
    boolean fits(double seconds, Instant until) {
        return !clock.instant().plusMillis((long) (1000 * seconds)).isAfter(until);
    }

    double seconds() {
        return secondsSince(start);
    }

    double secondsSince(Instant begin) {
        return Duration.between(begin, clock.instant()).toNanos() / 1e9;
    }
}

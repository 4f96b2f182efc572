package dev.fieldfare.cli;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The time of day at first, and from there on only the time that passes: a board without a battery learns the time of day
 * from the network, minutes after it has begun to work, and then its clock jumps by months.
 */
final class SteadyTime implements InstantSource {
    private final Instant begin = Instant.now();
    private final long beginNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return begin.plusNanos(System.nanoTime() - beginNanos);
    }
}

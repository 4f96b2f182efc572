package dev.fieldfare.camera;

import java.time.Duration;
import java.util.Optional;

/** Frames that could be had at once, given at most so many a second, as by a camera. */
final class PacedSource implements FrameSource {
    /** Within which closing is noticed. */
    private static final Duration SLICE = Duration.ofMillis(200);

    private final FrameSource source;
    private final Duration interval;
    private final Sleeper sleeper;
    private volatile boolean closed;

    PacedSource(FrameSource source, double framesPerSecond, Sleeper sleeper) {
        this.source = source;
        this.interval = Duration.ofNanos((long) (1e9 / framesPerSecond));
        this.sleeper = sleeper;
    }

    @Override
    public Optional<Frame> next() {
        try {
            Duration left = interval;
            while (!closed && left.isPositive()) {
                Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
                sleeper.sleep(slice);
                left = left.minus(slice);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        return closed ? Optional.empty() : source.next();
    }

    @Override
    public void close() {
        closed = true;
        source.close();
    }
}

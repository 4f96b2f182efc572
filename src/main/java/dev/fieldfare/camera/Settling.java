package dev.fieldfare.camera;

import dev.fieldfare.image.Pixels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Whether a camera that has just been started sees steadily: its automatic exposure takes some frames for that. */
final class Settling {
    private static final int FRAMES = 4;
    /** How much brightness may change over so many frames, as a part of it, and at least in levels of 255. */
    private static final double PART = 0.03;

    private static final double LEAST = 1.5;

    private final Duration limit;
    private final InstantSource clock;
    private final double[] brightness = new double[FRAMES];
    private @Nullable Instant start;
    private int frames;

    /** @param limit after which frames are given in any case; zero for at once */
    Settling(Duration limit, InstantSource clock) {
        this.limit = limit;
        this.clock = clock;
    }

    /** Looks at the next frame; true from then on that frames are worth looking at. */
    boolean isSteady(Pixels pixels) {
        if (limit.isZero()) {
            return true;
        }
        Instant now = clock.instant();
        if (start == null) {
            start = now;
        }
        if (Duration.between(start, now).compareTo(limit) >= 0) {
            return true;
        }
        brightness[frames++ % FRAMES] = pixels.brightness();
        if (frames < FRAMES) {
            return false;
        }
        double least = Arrays.stream(brightness).min().orElseThrow();
        double most = Arrays.stream(brightness).max().orElseThrow();
        return most - least <= Math.max(LEAST, PART * most);
    }
}

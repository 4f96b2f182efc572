package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A camera at work on a thread of its own, of which one consumer always gets the newest frame: what it is too slow for
 * is dropped, and the camera never waits. (Where frames do not come by themselves, as from a folder, none is dropped, and
 * the next is read when the one before was taken.) Frames are handed over, not copied.
 *
 * <p>A camera that fails is opened again, after half a second, then after twice as long each time, up to half a minute.
 */
public final class CameraFeed implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(3);

    private final FrameOrigin origin;
    private final Settings settings;
    private final FeedListener listener;
    private final InstantSource clock;
    private final Sleeper sleeper;
    private final Thread thread;

    private final FrameSlot slot;
    private @Nullable FrameSource source;
    private volatile boolean closed;

    /**
     * How to treat the camera.
     *
     * @param settle for how long at most frames are dropped until exposure is steady; zero for not at all
     * @param reopen whether to open it again when it fails or ends; otherwise {@link #next} tells why it failed
     */
    public record Settings(Duration settle, boolean reopen) {}

    /**
     * What became of the frames.
     *
     * @param received from the camera, without those dropped until exposure was steady
     * @param dropped because a newer one came before they were asked for
     */
    public record Counts(long received, long dropped) {}

    private CameraFeed(
            FrameOrigin origin, Settings settings, FeedListener listener, InstantSource clock, Sleeper sleeper) {
        this.origin = origin;
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.sleeper = sleeper;
        this.slot = new FrameSlot(origin.live());
        this.thread =
                Thread.ofPlatform().daemon().name("camera " + origin.name()).unstarted(this::run);
    }

    /**
     * Starts the thread, which opens the camera.
     *
     * @param clock by which exposure is waited for
     * @param sleeper lets the time pass until a camera is opened again
     */
    public static CameraFeed start(
            FrameOrigin origin, Settings settings, FeedListener listener, InstantSource clock, Sleeper sleeper) {
        CameraFeed feed = new CameraFeed(origin, settings, listener, clock, sleeper);
        feed.thread.start();
        return feed;
    }

    /**
     * Waits for a frame newer than the one before. That one is to be closed by then.
     *
     * @return empty if none came in time, or none will: see {@link #hasEnded}
     * @throws FieldfareException if the camera failed and is not to be opened again
     */
    public Optional<Frame> next(Duration timeout) throws InterruptedException {
        return slot.take(timeout);
    }

    /**
     * Whether no more frames will come, because there are no more or this is closed. That the camera failed for good is what
     * {@link #next} throws.
     */
    public boolean hasEnded() {
        return slot.hasEnded();
    }

    public Counts counts() {
        return slot.counts();
    }

    private void run() {
        try {
            keepOpen();
        } catch (InterruptedException e) {
            // Closed: that is how it is told.
            slot.end(null);
        } catch (RuntimeException e) {
            slot.end(e); // the consumer's thread throws it
        } catch (Error e) {
            slot.end(new IllegalStateException("the thread of camera " + origin.name() + " has died", e));
            throw e;
        }
    }

    private void keepOpen() throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        boolean again = false;
        while (!closed) {
            long before = counts().received();
            String reason;
            try {
                watch(again);
                if (closed || !settings.reopen() || !origin.live()) {
                    break;
                }
                reason = origin.name() + ": the stream has ended";
            } catch (FieldfareException e) {
                if (closed || !settings.reopen()) {
                    throw e;
                }
                reason = e.getMessage();
            }
            if (counts().received() > before) {
                pause = FIRST_PAUSE;
                again = true;
            }
            listener.lost(origin.name(), reason, pause);
            sleeper.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        if (!closed) {
            listener.ended(origin.name());
        }
        slot.end(null);
    }

    /** Gives frames until there are no more. */
    private void watch(boolean again) throws InterruptedException {
        try (FrameSource opened = origin.opener().get()) {
            if (!remember(opened)) {
                return;
            }
            Settling settling = new Settling(origin.live() ? settings.settle() : Duration.ZERO, clock);
            boolean steady = false;
            for (int frames = 0; ; frames++) {
                Optional<Frame> frame = opened.next();
                if (frame.isEmpty()) {
                    return;
                }
                if (frames == 0) {
                    listener.opened(origin.name(), again);
                }
                if (!steady && settling.isSteady(frame.get().pixels())) {
                    steady = true;
                    listener.settled(origin.name(), frames);
                }
                if (!steady) {
                    frame.get().close();
                } else if (!slot.offer(frame.get())) {
                    return;
                }
            }
        }
    }

    /** So that it can be closed while it is waited for; false if it is too late. */
    private synchronized boolean remember(FrameSource opened) {
        source = opened;
        return !closed;
    }

    private synchronized @Nullable FrameSource forClosing() {
        closed = true;
        return source;
    }

    /** Ends the thread and frees the camera; a frame that the consumer has stays readable. */
    @Override
    public void close() {
        FrameSource open = forClosing();
        slot.close();
        if (open != null) {
            open.close();
        }
        thread.interrupt();
        try {
            thread.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

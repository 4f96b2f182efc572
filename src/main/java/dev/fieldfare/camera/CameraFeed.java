package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Frame newest;
    private @Nullable FrameSource source;
    private @Nullable RuntimeException failure;
    private boolean ended;
    private volatile boolean closed;
    private long received;
    private long dropped;

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
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (newest == null) {
                if (failure != null) {
                    throw failure;
                }
                if (ended || closed || left <= 0) {
                    return Optional.empty();
                }
                left = changed.awaitNanos(left);
            }
            Frame frame = newest;
            newest = null;
            changed.signalAll();
            return Optional.of(frame);
        } finally {
            lock.unlock();
        }
    }

    /** Whether no more frames will come: there are no more, the camera failed for good, or this is closed. */
    public boolean hasEnded() {
        lock.lock();
        try {
            return newest == null && (ended || closed || failure != null);
        } finally {
            lock.unlock();
        }
    }

    public Counts counts() {
        lock.lock();
        try {
            return new Counts(received, dropped);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            keepOpen();
        } catch (InterruptedException e) {
            // Closed: that is how it is told.
            finish(null);
        } catch (RuntimeException e) {
            finish(e); // the consumer's thread throws it
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
        finish(null);
        if (!closed) {
            listener.ended(origin.name());
        }
    }

    private void finish(@Nullable RuntimeException reason) {
        lock.lock();
        try {
            failure = closed ? null : reason;
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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
                } else if (!offer(frame.get())) {
                    return;
                }
            }
        }
    }

    /** So that it can be closed while it is waited for; false if it is too late. */
    private boolean remember(FrameSource opened) {
        lock.lock();
        try {
            source = opened;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** False if it was closed meanwhile. */
    private boolean offer(Frame frame) throws InterruptedException {
        lock.lock();
        try {
            while (!origin.live() && newest != null && !closed) {
                changed.await();
            }
            if (closed) {
                frame.close();
                return false;
            }
            received++;
            if (newest != null) {
                newest.close();
                dropped++;
            }
            newest = frame;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread and frees the camera; a frame that the consumer has stays readable. */
    @Override
    public void close() {
        FrameSource open;
        lock.lock();
        try {
            closed = true;
            open = source;
            if (newest != null) {
                newest.close();
                newest = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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

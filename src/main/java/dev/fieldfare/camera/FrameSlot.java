package dev.fieldfare.camera;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Where a camera's thread leaves its newest frame for a consumer to take: one place, no queue. */
final class FrameSlot {
    private final boolean live;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Frame newest;
    private @Nullable RuntimeException failure;
    private boolean ended;
    private long received;
    private long dropped;

    /** @param live whether a newer frame takes the place of one that was not taken; otherwise it waits for that */
    FrameSlot(boolean live) {
        this.live = live;
    }

    /** Leaves a frame; false, and the frame is closed, if nobody will take it any more. */
    boolean offer(Frame frame) throws InterruptedException {
        lock.lock();
        try {
            while (!live && newest != null && !ended) {
                changed.await();
            }
            if (ended) {
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
        } catch (InterruptedException e) {
            frame.close();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the frame, or waits for one.
     *
     * @return empty if none came in time, or none will
     * @throws RuntimeException what the camera failed with for good
     */
    Optional<Frame> take(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (newest == null) {
                if (failure != null) {
                    throw failure;
                }
                if (ended || left <= 0) {
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

    /** There will be no more frames; what lies there may still be taken. */
    void end(@Nullable RuntimeException reason) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody will take frames any more. */
    void close() {
        lock.lock();
        try {
            ended = true;
            failure = null;
            if (newest != null) {
                newest.close();
                newest = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return newest == null && failure == null && ended;
        } finally {
            lock.unlock();
        }
    }

    CameraFeed.Counts counts() {
        lock.lock();
        try {
            return new CameraFeed.Counts(received, dropped);
        } finally {
            lock.unlock();
        }
    }
}

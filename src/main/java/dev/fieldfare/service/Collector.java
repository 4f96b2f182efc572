package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.predict.Prediction;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes pictures to learn from out of the stream of frames: bursts for a label when somebody asks for them, and now and
 * then one that the model is unsure of. Compressing and writing happen in a thread of its own; a frame that comes while
 * it is behind is not taken, and the next one is.
 */
final class Collector implements AutoCloseable {
    private static final int MOST_WAITING = 3;
    private static final long PATIENCE_SECONDS = 10;

    private final String classifier;
    private final Album album;
    private final Clock clock;
    private final Events events;
    private final Consumer<String> log;
    private final ThreadPoolExecutor writer;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile CollectSettings settings;
    private @Nullable Burst burst;
    private Instant lastUnsure = Instant.MIN;

    /** A session that is being taken. */
    private static final class Burst {
        private final String label;
        private final String session;
        private final int count;
        /** Of the writer's thread alone. */
        private final List<Path> files = new ArrayList<>();

        private int taken;
        private Instant last = Instant.MIN;

        Burst(String label, String session, int count) {
            this.label = label;
            this.session = session;
            this.count = count;
        }
    }

    Collector(
            String classifier,
            Album album,
            CollectSettings settings,
            Clock clock,
            Events events,
            Consumer<String> log) {
        this.classifier = classifier;
        this.album = album;
        this.settings = settings;
        this.clock = clock;
        this.events = events;
        this.log = log;
        this.writer = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("album " + classifier).factory());
        write(album::clearUnfinished, "what a power cut left was not cleared");
    }

    void settings(CollectSettings settings) {
        this.settings = settings;
    }

    /**
     * Begins to take pictures for a label; a burst that is being taken ends here.
     *
     * @param count how many; 0 for as many as the settings say
     */
    void begin(String label, int count) {
        lock.lock();
        try {
            end();
            String session = album.newSession(LocalDateTime.now(clock), label);
            burst = new Burst(label, session, count > 0 ? count : settings.burst());
        } finally {
            lock.unlock();
        }
    }

    /** Looks whether a frame is to be kept; called for every frame, in the thread that looks at it. */
    void offer(Pixels frame, Prediction prediction) {
        lock.lock();
        try {
            Burst current = burst;
            Instant now = clock.instant();
            if (current != null) {
                if (isDue(current.last, now, settings.interval()) && hasRoom()) {
                    current.last = now;
                    int number = ++current.taken;
                    Picture picture = frame.toPicture();
                    keep(() -> current.files.add(album.keep(picture, current.label, current.session, number)));
                    if (number == current.count) {
                        end();
                    }
                }
            } else if (settings.unsure()
                    && (prediction.isUnknown() || prediction.probability() < settings.below())
                    && isDue(lastUnsure, now, settings.every())
                    && hasRoom()) {
                lastUnsure = now;
                Picture picture = frame.toPicture();
                LocalDateTime time = LocalDateTime.now(clock);
                keep(() -> album.keepUnsure(
                        picture, prediction.label(), prediction.probability(), time, settings.mostBytes()));
            }
        } finally {
            lock.unlock();
        }
    }

    private static boolean isDue(Instant last, Instant now, Duration interval) {
        // A clock that was set back must not stop the taking of pictures until it has caught up.
        return last.equals(Instant.MIN)
                || now.isBefore(last)
                || Duration.between(last, now).compareTo(interval) >= 0;
    }

    private boolean hasRoom() {
        return writer.getQueue().size() < MOST_WAITING;
    }

    private void end() {
        Burst done = burst;
        burst = null;
        if (done == null) {
            return;
        }
        // Behind its pictures, in the same thread.
        writer.execute(() -> events.tell(
                new Event.Captured(clock.instant(), classifier, done.label, done.session, List.copyOf(done.files))));
    }

    private void keep(Runnable task) {
        write(task, "a picture was not kept");
    }

    /** @param failed what is said if it fails */
    private void write(Runnable task, String failed) {
        writer.execute(() -> {
            try {
                task.run();
            } catch (FieldfareException failure) {
                log.accept(failed + ": " + failure.getMessage());
            }
        });
    }

    /** Ends a burst with the pictures that it has, and finishes writing. */
    @Override
    public void close() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
        writer.shutdown();
        try {
            if (!writer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                log.accept("the last pictures of " + classifier + " could not be written in time");
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

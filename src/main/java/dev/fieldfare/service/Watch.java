package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraFeed;
import dev.fieldfare.camera.Frame;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The thread that shows a camera's frames to the classifiers that look through it, always the newest. */
final class Watch implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final Duration END = Duration.ofSeconds(5);

    private final CameraFeed feed;
    private final List<LiveClassifier> classifiers;
    private final BooleanSupplier paused;
    private final InstantSource clock;
    private final Consumer<String> log;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile Instant beat;
    private String lastTrouble = "";

    Watch(
            String camera,
            CameraFeed feed,
            List<LiveClassifier> classifiers,
            BooleanSupplier paused,
            InstantSource clock,
            Consumer<String> log) {
        this.feed = feed;
        this.classifiers = List.copyOf(classifiers);
        this.paused = paused;
        this.clock = clock;
        this.beat = clock.instant();
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("watch " + camera).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** When the thread last came round; it does so at least twice a second, unless a look hangs. */
    Instant beat() {
        return beat;
    }

    CameraFeed.Counts counts() {
        return feed.counts();
    }

    /** Completes when there are no more frames, or with what cannot be gone on after. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    private void run() {
        try {
            while (!closed && !feed.hasEnded()) {
                beat = clock.instant();
                Optional<Frame> frame = feed.next(WAIT);
                if (frame.isPresent()) {
                    show(frame.get());
                }
            }
            ended.complete(null);
        } catch (InterruptedException e) {
            ended.complete(null); // closed
        } catch (RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }

    private void show(Frame frame) {
        try (frame) {
            if (paused.getAsBoolean()) {
                return;
            }
            for (LiveClassifier classifier : classifiers) {
                try {
                    classifier.look(frame.pixels());
                    lastTrouble = "";
                } catch (FieldfareException e) {
                    // The next frame may do. The same trouble is not told for every frame.
                    String trouble = classifier.name() + " could not look: " + e.getMessage();
                    if (!trouble.equals(lastTrouble)) {
                        log.accept(trouble);
                    }
                    lastTrouble = trouble;
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        feed.close();
        try {
            if (!thread.join(END)) {
                thread.interrupt();
                thread.join(END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        classifiers.forEach(LiveClassifier::close);
    }
}

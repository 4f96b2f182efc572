package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import dev.fieldfare.model.Promotion;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.train.MemorySize;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Learns from what was collected, one classifier at a time, in a child process: whatever becomes of it, the device goes on
 * looking. While the board is too hot, or its battery low, the child is stopped where it stands, and goes on later.
 */
final class Retrainer implements AutoCloseable {
    private static final Path ROOT = Path.of("/");
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);
    private static final Duration END = Duration.ofSeconds(8);

    private final Launcher launcher;
    private final MemoryLimit memory;
    private final Health health;
    private final Clock clock;
    private final Events events;
    private final Set<Job> waiting = new LinkedHashSet<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    /** How the last retraining of a classifier ended, in words. */
    private final Map<String, String> ends = new ConcurrentHashMap<>();

    private volatile boolean closed;
    private volatile String running = "";

    /**
     * What is to be learnt.
     *
     * @param start the model that training begins from
     * @param pictures the folder of labelled pictures
     * @param models the folder of versions
     * @param promoted run in the retrainer's thread when a better model is in use in that folder
     */
    record Job(
            String classifier, Path start, Path pictures, Path models, RetrainSettings settings, Runnable promoted) {}

    Retrainer(Launcher launcher, MemoryLimit memory, Health health, Clock clock, Events events) {
        this.launcher = launcher;
        this.memory = memory;
        this.health = health;
        this.clock = clock;
        this.events = events;
        this.thread = Thread.ofPlatform().daemon().name("retrainer").start(this::run);
    }

    /**
     * Puts a training at the end of the line.
     *
     * @return false if one for this classifier is waiting or running already
     */
    boolean request(Job job) {
        lock.lock();
        try {
            boolean there = running.equals(job.classifier())
                    || waiting.stream().anyMatch(other -> other.classifier().equals(job.classifier()));
            if (!there) {
                waiting.add(job);
                changed.signal();
            }
            return !there;
        } finally {
            lock.unlock();
        }
    }

    /** The classifier that is being trained now; empty for none. */
    String running() {
        return running;
    }

    /** How the last retraining of a classifier ended, and why; empty where there was none. */
    String lastEnd(String classifier) {
        return ends.getOrDefault(classifier, "");
    }

    private void run() {
        try {
            while (true) {
                Job job = take();
                try {
                    train(job);
                } catch (FieldfareException failure) {
                    end(job, Event.Training.Stage.FAILED, String.valueOf(failure.getMessage()));
                } finally {
                    running = "";
                }
            }
        } catch (InterruptedException e) {
            // That is how it is told to end; a training that was running has been ended with it.
            Thread.currentThread().interrupt();
        }
    }

    private Job take() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                changed.await();
            }
            Job job = waiting.iterator().next();
            waiting.remove(job);
            running = job.classifier();
            return job;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Job job, Event.Training.Stage stage, String words) {
        events.tell(new Event.Training(clock.instant(), job.classifier(), stage, words));
    }

    /** Whoever hears of the end may ask for more at once. */
    private void end(Job job, Event.Training.Stage stage, String words) {
        running = "";
        ends.put(job.classifier(), stage.name().toLowerCase(Locale.ROOT) + ": " + words);
        tell(job, stage, words);
    }

    private void train(Job job) throws InterruptedException {
        Path settings = job.models().resolveSibling(job.classifier() + ".training.json");
        byte[] json = StrictYaml.toJson(job.settings().training()).getBytes(StandardCharsets.UTF_8);
        WholeFile.write(settings, channel -> channel.write(ByteBuffer.wrap(json)));
        tell(job, Event.Training.Stage.STARTED, "learning from " + job.pictures());
        List<String> command = launcher.command(List.of(
                "retrain",
                "--json",
                "-m",
                job.start().toString(),
                "-d",
                job.pictures().toString(),
                "-o",
                job.models().toString(),
                "--keep",
                Integer.toString(job.settings().keep()),
                "-c",
                settings.toString()));
        long limit = MemoryLimit.bytes(job.settings().training().budgetBytes(), ROOT);
        try (TrainingProcess process = TrainingProcess.start(command, memory, limit)) {
            if (!watch(job, process)) {
                return;
            }
            Promotion outcome = Promotion.of(process.result(), "what the retraining of " + job.classifier() + " said");
            String words = "version " + outcome.version() + ": " + outcome.reason();
            if (outcome.promoted()) {
                end(job, Event.Training.Stage.PROMOTED, words);
                job.promoted().run();
            } else {
                end(job, Event.Training.Stage.KEPT, words);
            }
        }
    }

    /** True if it came to a result. */
    private boolean watch(Job job, TrainingProcess process) throws InterruptedException {
        Instant last = clock.instant();
        Duration taken = Duration.ZERO;
        boolean resting = false;
        while (!process.hasEnded(LOOK)) {
            Instant now = clock.instant();
            taken = taken.plus(passed(last, now));
            last = now;
            Optional<String> reason = health.reasonToRest(job.settings());
            if (reason.isPresent() != resting) {
                resting = reason.isPresent();
                if (resting) {
                    process.pause();
                } else {
                    process.resume();
                }
                tell(
                        job,
                        resting ? Event.Training.Stage.RESTING : Event.Training.Stage.RESUMED,
                        reason.orElse("the board has recovered"));
            }
            if (taken.compareTo(job.settings().longest()) > 0) {
                throw new FieldfareException("the retraining was given up: it took longer than retrain.longest");
            }
        }
        if (!closed && !process.hasSucceeded()) {
            throw new FieldfareException(process.wasKilled() ? whyKilled(job) : process.lastWords());
        }
        return !closed;
    }

    /** A clock that jumps, as that of a board does once it finds the network, has not let time pass. */
    static Duration passed(Instant last, Instant now) {
        Duration told = Duration.between(last, now);
        return told.isNegative() || told.compareTo(LONGEST_LOOK) > 0 ? LOOK : told;
    }

    private String whyKilled(Job job) {
        long budget = job.settings().training().budgetBytes();
        long bytes = MemoryLimit.bytes(budget, ROOT);
        String advice = budget > 0
                ? "give it a larger retrain.training.budget if the board has the memory, else threads: 1 or train: last"
                        + " there"
                : "set retrain.training.budget, so that it plans what fits; threads: 1 and train: last need least";
        String limit = "its limit of " + MemorySize.format(bytes);
        Optional<Boolean> reached = memory.wasReached();
        if (reached.isEmpty()) {
            return "the retraining was killed, most likely because it needed more memory than " + limit
                    + "; nothing has changed. If so, " + advice;
        }
        return reached.get()
                ? "the retraining needed more memory than " + limit + ", so the system ended it; nothing has changed. "
                        + Character.toUpperCase(advice.charAt(0)) + advice.substring(1)
                : "the retraining was killed from outside, perhaps because the whole machine ran out of memory; nothing"
                        + " has changed. End other programs, or set a smaller retrain.training.budget";
    }

    /** Ends a training that is running; nothing of it is put to use. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Folders;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * What an interrupted retraining goes on from, in a folder of its own:
 *
 * <pre>
 * run.json                  what it is a retraining of, and how long it took so far
 * looks, features.f32, …    what the frozen network made of the pictures
 * done-0, done-1, …         trainings that are over: of the last layer, of deeper layers, of each member
 * now                       where the one that goes on stands
 * </pre>
 *
 * Every file is written whole and has a hash. A memory card wears out by being written to, so tensors are written no more
 * often than once in a while, and no more than so many bytes an hour.
 */
final class Checkpoints implements Slots, AutoCloseable {
    /** How often tensors are written, unless somebody says otherwise. */
    static final Duration EVERY = Duration.ofMinutes(5);

    /** How many bytes of tensors are written in an hour, at most. */
    static final long MOST_BYTES_PER_HOUR = 256L << 20;

    private static final String LOOKS = "looks";
    private static final String NOW = "now";
    private static final String DONE = "done-";

    private final Path folder;
    private final boolean kept;
    private final Duration every;
    private final InstantSource clock;
    private final Progress progress;
    private final Instant started;
    private final LookJournal journal;
    private final List<FineTuner.Trained> over = new ArrayList<>();
    private InterruptedRun run;
    private Instant written;
    private Duration pause;
    private int slots;
    private int saved;

    private Checkpoints(
            Path folder, boolean kept, InterruptedRun run, Duration every, InstantSource clock, Progress progress) {
        this.folder = folder;
        this.kept = kept;
        this.run = run;
        this.every = every;
        this.pause = every;
        this.clock = clock;
        this.progress = progress;
        this.written = clock.instant();
        this.started = written.minus(Duration.ofNanos((long) (run.seconds() * 1e9)));
        this.journal = LookJournal.open(folder.resolve(LOOKS));
    }

    /** Keeps nothing longer than it is open. */
    static Checkpoints none(Path work, InstantSource clock) {
        return new Checkpoints(work, false, InterruptedRun.NONE, EVERY, clock, Progress.SILENT);
    }

    /**
     * Goes on from what is in a folder, if that is of the same retraining; else clears it and begins anew.
     *
     * @param key says what is the same
     * @param every at least so long between two times that tensors are written
     */
    static Checkpoints open(Path folder, String key, Duration every, InstantSource clock, Progress progress) {
        InterruptedRun before = InterruptedRun.read(folder);
        boolean same = before.key().equals(key);
        try {
            if (!same) {
                if (Files.exists(folder)) {
                    progress.note(
                            "an interrupted retraining in this folder had another model, other settings or another"
                                    + " program, so this one begins anew");
                }
                Folders.delete(folder);
            }
            Folders.make(folder);
        } catch (IOException e) {
            throw new FieldfareException("cannot use " + folder + ": " + e.getMessage(), e);
        }
        InterruptedRun now = same ? before : InterruptedRun.of(key);
        Checkpoints opened = new Checkpoints(folder, true, now, every, clock, progress);
        try {
            opened.remember(now.begun());
        } catch (FieldfareException e) {
            opened.clear(); // where the disk is full, this makes room
            throw e;
        }
        return opened;
    }

    /** How often the retraining that a folder is of was begun or gone on with; 0 where it is of none. */
    static int starts(Path folder) {
        return InterruptedRun.read(folder).starts();
    }

    private void remember(InterruptedRun now) {
        run = now;
        if (kept) {
            now.write(folder);
        }
    }

    /** The folder for the caches. */
    Path folder() {
        return folder;
    }

    /** What it takes on the disk: room that a plan may count on. */
    long bytes() {
        try (Stream<Path> files = Files.list(folder)) {
            long sum = 0;
            for (Path file : kept ? files.toList() : List.<Path>of()) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new FieldfareException("cannot look at " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Whether they outlive this. */
    boolean isKept() {
        return kept;
    }

    LookJournal journal() {
        return journal;
    }

    /** When the retraining would have begun if it had never been interrupted. */
    Instant started() {
        return started;
    }

    /** What was chosen to be trained, before it was interrupted. */
    Optional<TrainSpec> train() {
        return run.train().isEmpty() ? Optional.empty() : Optional.of(TrainSpec.parse(run.train()));
    }

    /** Tells what is planned; where that is not what was planned before, the training begins anew. */
    void planned(MemoryPlan plan) {
        String words = plan.portions() + " " + plan.cached() + " " + plan.views();
        String train = plan.train().spec();
        if (!run.train().isEmpty() && !(run.train().equals(train) && run.plan().equals(words))) {
            forget("other layers or other portions fit now");
        }
        remember(run.after(seconds()).planned(train, words));
    }

    /** How many changed views of each picture there were before it was interrupted. */
    Optional<Integer> views() {
        return run.views() < 0 ? Optional.empty() : Optional.of(run.views());
    }

    /** Tells what is trained on; where that is not what it was, the training begins anew. */
    void prepared(String data, int views) {
        if (!run.data().isEmpty() && !(run.data().equals(data) && run.views() == views)) {
            forget("the pictures are not the same any more");
        } else if (!run.data().isEmpty()) {
            progress.note("goes on with the retraining that was interrupted");
        }
        remember(run.after(seconds()).prepared(data, views));
    }

    private void forget(String why) {
        progress.note("an interrupted retraining cannot be gone on with, as " + why + "; this one begins anew");
        try {
            Files.deleteIfExists(folder.resolve(NOW));
            int number = 0;
            while (Files.deleteIfExists(folder.resolve(DONE + number))) {
                number++;
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot clear " + folder + ": " + e.getMessage(), e);
        }
    }

    private double seconds() {
        return Duration.between(started, clock.instant()).toNanos() / 1e9;
    }

    /** Called now and then while there are no tensors yet: the time that looking takes counts, too. */
    void looking() {
        if (isDue()) {
            write(() -> 0);
        }
    }

    private boolean isDue() {
        Instant now = clock.instant();
        if (now.isBefore(written)) {
            written = now; // the clock was set back
        }
        return kept && Duration.between(written, now).compareTo(pause) >= 0;
    }

    @Override
    public Slot next() {
        return kept ? new Numbered(slots++) : Slots.NONE.next();
    }

    private final class Numbered implements Slot {
        private final int number;

        Numbered(int number) {
            this.number = number;
        }

        @Override
        public Optional<FineTuner.Trained> done() {
            Optional<FineTuner.Trained> trained = CheckpointFiles.readDone(folder.resolve(DONE + number));
            if (trained.isPresent() && saved == number) {
                over.add(trained.get());
                saved++;
                return trained;
            }
            return Optional.empty();
        }

        @Override
        public Optional<Checkpoint> resume(Map<String, FloatBuffer> tensors) {
            return CheckpointFiles.read(folder.resolve(NOW), number, tensors);
        }

        @Override
        public void save(Checkpoint checkpoint, Map<String, FloatBuffer> tensors) {
            if (isDue()) {
                write(() -> {
                    long bytes = saveDone();
                    return bytes + CheckpointFiles.write(folder.resolve(NOW), number, checkpoint, tensors);
                });
            }
        }

        @Override
        public void done(FineTuner.Trained trained) {
            over.add(trained);
        }
    }

    /** Writes what came of trainings that are over, as far as that was not written yet. */
    private long saveDone() {
        long bytes = 0;
        for (; saved < over.size(); saved++) {
            bytes += CheckpointFiles.writeDone(folder.resolve(DONE + saved), over.get(saved));
        }
        return bytes;
    }

    /** @param tensors writes some, and returns how many bytes they had */
    private void write(LongSupplier tensors) {
        long bytes = 0;
        try {
            bytes = tensors.getAsLong();
            remember(run.after(seconds()));
        } catch (FieldfareException e) {
            // A disk that is too full for this may have room for the model.
            progress.note("the training goes on, but could not note how far it has come: " + e.getMessage());
        }
        written = clock.instant();
        Duration forBytes = Duration.ofMillis((long) (bytes * 3.6e6 / MOST_BYTES_PER_HOUR));
        pause = forBytes.compareTo(every) > 0 ? forBytes : every;
    }

    /** All trainings are over: what is still to be done needs only what came of them. */
    void trained() {
        if (kept) {
            write(this::saveDone);
        }
    }

    /** There is nothing to go on from any more. */
    void clear() {
        try {
            journal.close();
            Folders.delete(folder);
        } catch (IOException e) {
            throw new FieldfareException("cannot clear " + folder + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        journal.close();
        if (!kept) {
            try {
                Files.deleteIfExists(folder.resolve(LOOKS));
            } catch (IOException e) {
                throw new FieldfareException("cannot clear " + folder + ": " + e.getMessage(), e);
            }
        }
    }
}

package dev.fieldfare.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Folders;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
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

    private static final String RUN = "run.json";
    private static final String LOOKS = "looks";
    private static final String NOW = "now";
    private static final String DONE = "done-";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final boolean kept;
    private final Duration every;
    private final InstantSource clock;
    private final Progress progress;
    private final Instant started;
    private final LookJournal journal;
    private final List<FineTuner.Trained> over = new ArrayList<>();
    private Run run;
    private Instant written;
    private Duration pause;
    private int slots;
    private int saved;

    /**
     * What must be the same to go on.
     *
     * @param key hash of model, settings and program
     * @param starts how often it was begun or gone on with
     * @param seconds that it took so far
     * @param train what was chosen to be trained; empty before
     * @param plan what else was planned
     * @param views how many changed views of each picture there are; -1 before that is known
     * @param data hash of the pictures; empty before
     */
    record Run(String key, int starts, double seconds, String train, String plan, int views, String data) {
        private static final Run NONE = new Run("", 0, 0, "", "", -1, "");
    }

    private Checkpoints(Path folder, boolean kept, Run run, Duration every, InstantSource clock, Progress progress) {
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
        return new Checkpoints(work, false, Run.NONE, EVERY, clock, Progress.SILENT);
    }

    /**
     * Goes on from what is in a folder, if that is of the same retraining; else clears it and begins anew.
     *
     * @param key says what is the same
     * @param every at least so long between two times that tensors are written
     */
    static Checkpoints open(Path folder, String key, Duration every, InstantSource clock, Progress progress) {
        Run before = read(folder);
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
        Run now = same ? before : new Run(key, 0, 0, "", "", -1, "");
        Checkpoints opened = new Checkpoints(folder, true, now, every, clock, progress);
        try {
            opened.remember(
                    new Run(key, now.starts() + 1, now.seconds(), now.train(), now.plan(), now.views(), now.data()));
        } catch (FieldfareException e) {
            opened.clear(); // where the disk is full, this makes room
            throw e;
        }
        return opened;
    }

    private static Run read(Path folder) {
        try {
            return Files.exists(folder.resolve(RUN))
                    ? JSON.readValue(Files.readString(folder.resolve(RUN)), Run.class)
                    : Run.NONE;
        } catch (IOException e) {
            return Run.NONE; // a damaged one is one of another retraining
        }
    }

    /** How often the retraining that a folder is of was begun or gone on with; 0 where it is of none. */
    static int starts(Path folder) {
        return read(folder).starts();
    }

    private void remember(Run now) {
        run = now;
        if (kept) {
            byte[] json = json(now).getBytes(StandardCharsets.UTF_8);
            WholeFile.write(folder.resolve(RUN), channel -> channel.write(ByteBuffer.wrap(json)));
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a checkpoint is always writable as JSON", e);
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
        remember(new Run(run.key(), run.starts(), seconds(), train, words, run.views(), run.data()));
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
        remember(new Run(run.key(), run.starts(), seconds(), run.train(), run.plan(), views, data));
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
            Optional<FineTuner.Trained> trained =
                    TensorFile.open(folder.resolve(DONE + number)).map(Checkpoints::trained);
            if (trained.isPresent() && saved == number) {
                over.add(trained.get());
                saved++;
                return trained;
            }
            return Optional.empty();
        }

        @Override
        public Optional<Checkpoint> resume(Map<String, FloatBuffer> tensors) {
            Optional<TensorFile> file = TensorFile.open(folder.resolve(NOW));
            if (file.isEmpty()) {
                return Optional.empty();
            }
            Standing standing = parse(file.get(), Standing.class);
            if (standing.number() != number
                    || !standing.sizes().equals(sizes(tensors))
                    || !file.get().fits(tensors.values())) {
                return Optional.empty();
            }
            file.get().read(tensors.values());
            return Optional.of(standing.checkpoint());
        }

        @Override
        public void save(Checkpoint checkpoint, Map<String, FloatBuffer> tensors) {
            if (isDue()) {
                write(() -> {
                    long bytes = saveDone();
                    String text = json(new Standing(number, sizes(tensors), checkpoint));
                    TensorFile.write(folder.resolve(NOW), text, tensors.values());
                    return bytes + TensorFile.bytes(text, tensors.values());
                });
            }
        }

        @Override
        public void done(FineTuner.Trained trained) {
            over.add(trained);
        }
    }

    /** What {@code now} says before its tensors. */
    record Standing(int number, Map<String, Integer> sizes, Checkpoint checkpoint) {}

    /** What {@code done-…} says before its tensors. */
    record Outcome(
            Map<String, Integer> sizes, List<TrainingReport.Epoch> epochs, TrainingReport.Best best, String stopped) {}

    private static Map<String, Integer> sizes(Map<String, FloatBuffer> tensors) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> sizes.put(name, tensor.remaining()));
        return sizes;
    }

    private static <T> T parse(TensorFile file, Class<T> type) {
        try {
            return JSON.readValue(file.text(), type);
        } catch (JsonProcessingException e) {
            throw new FieldfareException(
                    file.file() + " is of another version of Fieldfare: " + e.getOriginalMessage() + "; delete it", e);
        }
    }

    private static FineTuner.Trained trained(TensorFile file) {
        Outcome outcome = parse(file, Outcome.class);
        Map<String, FloatBuffer> weights = new LinkedHashMap<>();
        // Off the heap, which is small.
        outcome.sizes()
                .forEach((name, size) -> weights.put(
                        name,
                        Arena.ofAuto()
                                .allocate((long) Float.BYTES * size, Float.BYTES)
                                .asByteBuffer()
                                .order(ByteOrder.nativeOrder())
                                .asFloatBuffer()));
        file.read(weights.values());
        return new FineTuner.Trained(weights, outcome.epochs(), outcome.best(), outcome.stopped(), Answers.NONE);
    }

    /** Writes what came of trainings that are over, as far as that was not written yet. */
    private long saveDone() {
        long bytes = 0;
        for (; saved < over.size(); saved++) {
            FineTuner.Trained trained = over.get(saved);
            Collection<FloatBuffer> weights = trained.weights().values();
            String text =
                    json(new Outcome(sizes(trained.weights()), trained.epochs(), trained.best(), trained.stopped()));
            TensorFile.write(folder.resolve(DONE + saved), text, weights);
            bytes += TensorFile.bytes(text, weights);
        }
        return bytes;
    }

    /** @param tensors writes some, and returns how many bytes they had */
    private void write(LongSupplier tensors) {
        long bytes = 0;
        try {
            bytes = tensors.getAsLong();
            remember(new Run(run.key(), run.starts(), seconds(), run.train(), run.plan(), run.views(), run.data()));
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

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wherever a retraining is interrupted, it ends with the very file that it would have ended with. */
class InterruptedRetrainingTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: last
        epochs: 12
        threads: 1
        batch: 8
        average: none
        optimizer: {learningRate: 0.01}
        suffix: {epochs: 3}
        augment: {views: 1}
        split: {by: picture, validation: 0.2, test: 0.3}
        """, TrainingSettings.DEFAULT, "test");

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 8);
    }

    /** Like a power cut: nobody expects it, and nobody can do anything about it. */
    private static final class PowerCut extends Error {
        private static final long serialVersionUID = 1;
    }

    /** A second passes whenever somebody asks for the time; at one of these instants the power fails. */
    private static final class Mains implements InstantSource {
        private final long until;
        private long seconds;

        Mains(long until) {
            this.until = until;
        }

        @Override
        public synchronized Instant instant() {
            if (++seconds > until) {
                throw new PowerCut();
            }
            return Instant.ofEpochSecond(1_000_000 + seconds);
        }
    }

    private long retrain(Path pictures, String output, TrainingSettings settings, Mains mains) {
        Progress progress = new Progress() {
            @Override
            public Task start(String name, long total) {
                return (done, detail) -> {};
            }

            @Override
            public void note(String sentence) {
                notes.add(sentence);
            }
        };
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            new Retraining(
                            TestModels.shipped(),
                            pictures,
                            store,
                            settings,
                            "fieldfare test",
                            Duration.ofSeconds(6),
                            mains,
                            progress)
                    .run();
        }
        return mains.seconds;
    }

    /** A retraining that nobody interrupted; done once for all tests of the same settings. */
    private record Whole(byte[] model, long seconds) {}

    private static final Map<TrainingSettings, Whole> WHOLE = new HashMap<>();

    private Whole whole(TrainingSettings settings) throws IOException {
        if (!WHOLE.containsKey(settings)) {
            long seconds = retrain(data, "whole", settings, new Mains(Long.MAX_VALUE));
            WHOLE.put(settings, new Whole(model("whole"), seconds));
        }
        return WHOLE.get(settings);
    }

    private void interrupt(Path pictures, String output, TrainingSettings settings, long at) {
        assertThrows(PowerCut.class, () -> retrain(pictures, output, settings, new Mains(at)));
    }

    private byte[] model(String output) throws IOException {
        return Files.readAllBytes(folder.resolve(output).resolve(ModelStore.MODEL));
    }

    private static TrainingSettings with(String yaml) {
        return StrictYaml.parse("{" + yaml + "}", SETTINGS, "test");
    }

    private Path kept(String output, String name) {
        return ModelStore.training(folder.resolve(output)).resolve(name);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        earlyStopping: {patience: 2}
        optimizer: {name: sgd, learningRate: 0.5}, earlyStopping: {patience: 0, weights: last}
        optimizer: {learningRate: 0.01, averaging: 0.9}, noise: {dropout: 0.3}, augment: {views: 2}
        train: blocks:1, threads: 2, optimizer: {learningRate: 0.01, clipNorm: 1}, noise: {dropout: 0.2, dropoutBefore: [all]}
        train: blocks:1, threads: 2, suffix: {epochs: 3, normalization: batch, inputs: fresh}, augment: {views: 0, strengths: {mixup: 0.4}}
        train: blocks:1, optimizer: {name: sgd, learningRate: 0.01}, ensemble: {members: 2, by: snapshots}
        ensemble: {members: 3, by: bootstrap, combine: weights}
        """)
    void itEndsWithTheSameFile(String yaml) throws IOException {
        TrainingSettings settings = with(yaml);
        long seconds = retrain(data, "whole", settings, new Mains(Long.MAX_VALUE));
        RandomGenerator random = new Seed(yaml.hashCode()).generator("power cuts");
        List<Long> cuts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long cut = random.nextLong(seconds / 20, seconds / 2);
            cuts.add(cut);
            try {
                retrain(data, "cut", settings, new Mains(cut));
                break;
            } catch (PowerCut e) {
                assertFalse(Files.exists(folder.resolve("cut").resolve(ModelStore.MODEL)), "nothing is in use yet");
            }
        }
        if (!Files.exists(folder.resolve("cut").resolve(ModelStore.MODEL))) {
            long rest = retrain(data, "cut", settings, new Mains(Long.MAX_VALUE));
            assertTrue(rest < seconds, rest + " of " + seconds);
        }
        assertArrayEquals(model("whole"), model("cut"), () -> "power failed after " + cuts + " of " + seconds);
        assertFalse(Files.exists(kept("cut", "")), "what it went on from is gone");
    }

    /** Interrupted shortly before its end, it has only that to do. */
    @Test
    void whatIsDoneIsNotDoneAgain() throws IOException {
        TrainingSettings settings = with("train: blocks:1");
        Whole whole = whole(settings);
        interrupt(data, "cut", settings, whole.seconds * 9 / 10);
        assertTrue(Retraining.isInterrupted(folder.resolve("cut")));
        long rest = retrain(data, "cut", settings, new Mains(Long.MAX_VALUE));
        assertTrue(rest < whole.seconds / 3, rest + " of " + whole.seconds);
        assertTrue(notes.contains("goes on with the retraining that was interrupted"), notes.toString());
        assertArrayEquals(whole.model, model("cut"));
        assertFalse(Retraining.isInterrupted(folder.resolve("cut")));
    }

    /** The time before the interruption counts. */
    @Test
    void aLimitOfTimeHoldsForBothTogether() {
        TrainingSettings settings = with("epochs: 10000, minutes: 10, earlyStopping: {patience: 0, refit: false}");
        interrupt(data, "cut", settings, 400);
        long rest = retrain(data, "cut", settings, new Mains(Long.MAX_VALUE));
        assertTrue(rest < 300, rest + " of 600 seconds, although some 400 were over");
    }

    @Test
    void otherPicturesOrSettingsBeginAnew() throws IOException {
        TrainingSettings settings = with("epochs: 20");
        long seconds = retrain(data, "whole", settings, new Mains(Long.MAX_VALUE));
        Path more = folder.resolve("more");
        SimulatedPictures.write(more, 8);
        Files.copy(data.resolve("nut/3.png"), more.resolve("nut/300.png"));
        interrupt(data, "cut", settings, seconds / 2);
        notes.clear();
        retrain(more, "cut", settings, new Mains(Long.MAX_VALUE));
        assertTrue(notes.stream().anyMatch(note -> note.contains("pictures are not the same")), notes.toString());
        retrain(more, "more", settings, new Mains(Long.MAX_VALUE));
        assertArrayEquals(model("more"), model("cut"));

        interrupt(data, "other", settings, seconds / 2);
        notes.clear();
        retrain(data, "other", with("epochs: 20, seed: 3"), new Mains(Long.MAX_VALUE));
        assertTrue(notes.stream().anyMatch(note -> note.contains("other settings")), notes.toString());
        retrain(data, "seed", with("epochs: 20, seed: 3"), new Mains(Long.MAX_VALUE));
        assertArrayEquals(model("seed"), model("other"));
    }

    /** Whatever of it the card gives back wrongly is noticed, and done again. */
    @ParameterizedTest
    @CsvSource({"now", "done-0", "features.f32", "cut.f32", "looks", "run.json"})
    void whatIsDamagedIsDoneAgain(String name) throws IOException {
        TrainingSettings settings = with("train: blocks:1, suffix: {epochs: 8}");
        Whole whole = whole(settings);
        // Well within the training of the deeper layers.
        interrupt(data, "cut", settings, whole.seconds * 8 / 10);
        byte[] bytes = Files.readAllBytes(kept("cut", name));
        bytes[bytes.length * 2 / 3] ^= 2;
        Files.write(kept("cut", name), bytes);
        retrain(data, "cut", settings, new Mains(Long.MAX_VALUE));
        assertArrayEquals(whole.model, model("cut"));
    }

    /** What ends by itself would end so again: nothing of it is kept. */
    @Test
    void aRetrainingThatFailsLeavesNothing() throws IOException {
        TrainingSettings settings = with("optimizer: {learningRate: 100, name: sgd}, suffix: {start: zero,"
                + " learningRate: 100}, train: all, epochs: 3, regularization: {l2: 100}");
        assertThrows(FieldfareException.class, () -> retrain(data, "failed", settings, new Mains(Long.MAX_VALUE)));
        assertFalse(Files.exists(folder.resolve("failed")));
    }

    /** A step a second for an hour: tensors are written every five minutes, and large ones more seldom. */
    @ParameterizedTest
    @CsvSource({"1000, 11", "8000000, 8"})
    void littleIsWritten(int elements, int times) {
        Mains clock = new Mains(Long.MAX_VALUE);
        Map<String, FloatBuffer> tensors = Map.of("weights", FloatBuffer.allocate(elements));
        Checkpoint checkpoint =
                new Checkpoint(false, 1, Checkpoint.Tally.NONE, 1, 0, new TrainingReport.Best(0, 1, 0), List.of(), "");
        try (Checkpoints checkpoints = Checkpoints.open(folder, "key", Checkpoints.EVERY, clock, Progress.SILENT)) {
            Slots.Slot slot = checkpoints.next();
            int written = 0;
            int last = 0;
            while (clock.seconds < 3600) {
                int batches = (int) clock.seconds;
                slot.save(checkpoint.at(new Checkpoint.Tally(batches, 0, 0)), tensors);
                if (clock.seconds > batches + 1) { // the time was asked for again, to note when it was written
                    written++;
                    last = batches;
                }
            }
            assertEquals(times, written);
            assertTrue(written * 4L * elements <= Checkpoints.MOST_BYTES_PER_HOUR);
            FloatBuffer read = FloatBuffer.allocate(elements);
            assertEquals(
                    last,
                    slot.resume(Map.of("weights", read)).orElseThrow().tally().batches());
        }
    }

    @Test
    void somebodyElsesRetrainingIsCleared() {
        interrupt(data, "cut", SETTINGS, 100);
        assertTrue(Files.exists(kept("cut", "looks")));
        Checkpoints.open(kept("cut", ""), "other", Checkpoints.EVERY, new Mains(Long.MAX_VALUE), Progress.SILENT)
                .close();
        assertFalse(Files.exists(kept("cut", "features.f32")));
    }

    /** A device that fails under the load of a training must not try again for ever. */
    @Test
    void aRetrainingThatIsInterruptedAgainAndAgainIsNoneToGoOnWith() {
        for (int i = 0; i < 3; i++) {
            interrupt(data, "cut", SETTINGS, 30);
            assertEquals(i < 2, Retraining.isInterrupted(folder.resolve("cut")));
        }
    }
}

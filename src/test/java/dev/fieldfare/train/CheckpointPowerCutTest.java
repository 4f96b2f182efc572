package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.disk.PowerCuts;
import dev.fieldfare.disk.RecordingFiles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a training goes on from after any power cut is what it was at some instant, and not a mixture of several. */
class CheckpointPowerCutTest {
    private static final int WIDTH = 5;
    private static final int STEPS = 4;

    private Path disk;
    private RecordingFiles files;
    private final TreeMap<Integer, Integer> promised = new TreeMap<>();

    @BeforeEach
    void format() throws IOException {
        disk = PowerCuts.folder();
        files = new RecordingFiles(disk);
    }

    @AfterEach
    void throwAway() throws IOException {
        PowerCuts.delete(disk);
    }

    private static float[] row(float value) {
        float[] row = new float[WIDTH];
        Arrays.fill(row, value);
        return row;
    }

    private static Checkpoint checkpoint(int step) {
        return new Checkpoint(
                false,
                1,
                new Checkpoint.Tally(step, step, 0),
                Double.POSITIVE_INFINITY,
                0,
                new TrainingReport.Best(0, Double.NaN, Double.NaN),
                List.of(),
                "");
    }

    private static Checkpoints open(Path folder) {
        InstantSource clock = new InstantSource() {
            private Instant now = Instant.EPOCH;

            @Override
            public Instant instant() {
                now = now.plusSeconds(1);
                return now;
            }
        };
        return Checkpoints.open(folder, "key", Duration.ZERO, clock, Progress.SILENT);
    }

    private void work(Path folder) {
        try (Checkpoints checkpoints = open(folder);
                FeatureCache features = FeatureCache.open(folder.resolve("features.f32"), WIDTH, true)) {
            KeptLooks looks = new KeptLooks(checkpoints.journal(), features, Optional.empty());
            for (int i = 1; i <= STEPS; i++) {
                Looks.Look look = new Looks.Look(Optional.empty(), FloatBuffer.wrap(row(i)));
                looks.keep(List.of("look", "picture " + i), List.of("fact " + i), List.of(look));
            }
            Slots.Slot slot = checkpoints.next();
            for (int step = 1; step <= STEPS; step++) {
                slot.save(checkpoint(step), Map.of("weights", FloatBuffer.wrap(row(step))));
                promised.put(files.log().size(), step);
            }
        }
    }

    private void check(Path folder, int operations) {
        try (Checkpoints checkpoints = open(folder);
                FeatureCache features = FeatureCache.open(folder.resolve("features.f32"), WIDTH, true)) {
            KeptLooks looks = new KeptLooks(checkpoints.journal(), features, Optional.empty());
            float[] read = new float[WIDTH];
            for (int i = 1; i <= STEPS; i++) {
                Optional<KeptLooks.Kept> kept = looks.recall(List.of("look", "picture " + i));
                if (kept.isEmpty()) {
                    break;
                }
                assertEquals(List.of("fact " + i), kept.get().facts());
                features.read(kept.get().rows()[0], FloatBuffer.wrap(read));
                assertArrayEquals(row(i), read);
            }
            FloatBuffer weights = FloatBuffer.allocate(WIDTH);
            Optional<Checkpoint> from = checkpoints.next().resume(Map.of("weights", weights));
            from.ifPresent(checkpoint ->
                    assertArrayEquals(row(checkpoint.tally().batches()), weights.array(), "of one instant"));
            int least = promised.floorKey(operations) == null ? 0 : promised.get(promised.floorKey(operations));
            int step = from.map(checkpoint -> checkpoint.tally().batches()).orElse(0);
            assertTrue(step >= least, "it was at step " + least + ", and goes on from " + step);
            // It goes on writing.
            looks.keep(List.of("more"), List.of(), List.of());
        }
    }

    @Test
    void itGoesOnFromWhatWasAtOneInstant() throws Exception {
        work(files.root().resolve("training"));
        int states = PowerCuts.everywhere(
                files.log(), "checkpoints", (folder, operations) -> check(folder.resolve("training"), operations));
        assertTrue(states > 300, states + " states");
    }
}

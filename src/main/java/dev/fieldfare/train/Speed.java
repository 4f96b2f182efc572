package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.board.ProcessMemory;
import dev.fieldfare.model.ClassifierModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/**
 * How fast this machine trains a network, tried with pictures of nothing, and what it takes.
 *
 * @param train what was trained
 * @param batch pictures a step
 * @param microBatch pictures at a time
 * @param workers that share a batch
 * @param threads of each worker
 * @param cached whether training begins at cached features; otherwise with the picture, and the frozen part runs, too
 * @param looksPerSecond pictures that are turned into features in a second, by all threads together
 * @param imagesPerSecond pictures that are trained on in a second: forward, backward and update
 * @param plannedBytes peak of the process' resident set that the plan expected
 * @param peakBytes the peak that the kernel counted, 0 where it does not count
 */
public record Speed(
        String train,
        int batch,
        int microBatch,
        int workers,
        int threads,
        boolean cached,
        double looksPerSecond,
        double imagesPerSecond,
        long plannedBytes,
        long peakBytes) {

    /**
     * Tries what the settings ask for.
     *
     * @param least how long looking and training take each, after a fifth of that to warm up
     */
    public static Speed of(
            ClassifierModel model, int classes, TrainingSettings settings, InstantSource clock, Duration least) {
        try {
            Path scratch = Files.createTempDirectory("fieldfare-bench");
            try {
                long free = Files.getFileStore(scratch).getUsableSpace();
                Planner planner = new Planner(model, classes, 1, 1, settings, free, MemoryNeeds.AlsoHeld.NOTHING);
                MemoryPlan plan = planner.choose(
                        new Trial(model, classes, planner.width(), settings, scratch, clock, Trial.SHORT));
                Trial trial = new Trial(model, classes, planner.width(), settings, scratch, clock, least);
                double looks = trial.looksPerSecond(plan);
                double trained = trial.trainedPerSecond(plan);
                return new Speed(
                        plan.train().spec(),
                        plan.portions().batch(),
                        plan.portions().microBatch(),
                        plan.portions().workers(),
                        plan.portions().threads(),
                        plan.cached() || plan.suffix().isEmpty(),
                        looks,
                        trained,
                        plan.plannedBytes(),
                        ProcessMemory.peak().orElse(0));
            } finally {
                Files.deleteIfExists(scratch);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot use a temporary folder: " + e.getMessage(), e);
        }
    }
}

package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be trained, by depth.
 *
 * @param options from the shallowest to the deepest
 */
public record PlanTable(List<Option> options) {
    private static final int TRIALS = 10;

    /**
     * One depth.
     *
     * @param from the layer from which on weights are trained
     * @param parameters how many numbers are trained
     * @param plannedBytes expected peak resident set of the process
     * @param imagesPerSecond measured in a short trial on this machine: how fast pictures are turned into features
     * @param fits whether the budget suffices
     * @param chosen whether a retraining would do this
     * @param batch pictures a step
     * @param views cached views of a picture, the plain one included
     * @param cacheBytes what the feature cache takes on the disk
     * @param memory the parts of the plan
     */
    public record Option(
            String from,
            long parameters,
            long plannedBytes,
            double imagesPerSecond,
            boolean fits,
            boolean chosen,
            int batch,
            int views,
            long cacheBytes,
            List<TrainingReport.MemoryItem> memory) {}

    /** Plans the training of the last layer, and tries how fast the trunk runs here. */
    public static PlanTable of(
            ClassifierModel model, int classes, int pictures, TrainingSettings settings, InstantSource clock) {
        try {
            Path scratch = Files.createTempFile("fieldfare-plan", ".onnx");
            try {
                return of(model, classes, pictures, settings, scratch, clock);
            } finally {
                Files.deleteIfExists(scratch);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot use a temporary file: " + e.getMessage(), e);
        }
    }

    private static PlanTable of(
            ClassifierModel model,
            int classes,
            int pictures,
            TrainingSettings settings,
            Path scratch,
            InstantSource clock)
            throws IOException {
        long free = Files.getFileStore(scratch).getUsableSpace();
        Planner planner = new Planner(model, classes, pictures, settings, free, MemoryNeeds.AlsoHeld.NOTHING);
        List<Option> options = new ArrayList<>();
        for (MemoryPlan plan : planner.byDepth()) {
            options.add(new Option(
                    plan.train().spec() + " (" + plan.suffix().cut() + ")",
                    plan.parameters(),
                    plan.plannedBytes(),
                    0,
                    plan.fits(),
                    plan.fits(),
                    plan.portions().batch(),
                    1 + plan.views(),
                    plan.cacheBytes(),
                    plan.items()));
        }
        return new PlanTable(options);
    }
}

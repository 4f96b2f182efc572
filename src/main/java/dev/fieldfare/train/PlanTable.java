package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
     * @param from what is trained, as {@code --train} takes it
     * @param cut the value at which the network is cut: what computes it is frozen
     * @param parameters how many numbers are trained
     * @param plannedBytes expected peak resident set of the process
     * @param imagesPerSecond measured in a short trial on this machine: how fast pictures are trained on, forward,
     *     backward and update; with the frozen part, where its features are not cached. 0 where it does not fit
     * @param seconds that looking at all pictures and training take by that trial, at most
     * @param fits whether the budget suffices
     * @param chosen whether a retraining would do this
     * @param batch pictures a step
     * @param microBatch pictures at a time, whose gradients add up to that of the batch
     * @param views cached views of a picture, the plain one included
     * @param cacheBytes what the feature cache takes on the disk
     * @param memory the parts of the plan
     */
    public record Option(
            String from,
            String cut,
            long parameters,
            long plannedBytes,
            double imagesPerSecond,
            double seconds,
            boolean fits,
            boolean chosen,
            int batch,
            int microBatch,
            int views,
            long cacheBytes,
            List<TrainingReport.MemoryItem> memory) {}

    /** Plans every depth, and tries how fast those that fit are trained here. */
    public static PlanTable of(
            ClassifierModel model, int classes, int pictures, TrainingSettings settings, InstantSource clock) {
        try {
            Path scratch = Files.createTempDirectory("fieldfare-plan");
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
        Planner planner = new Planner(model, classes, pictures, pictures, settings, free, MemoryNeeds.AlsoHeld.NOTHING);
        Trial trial = new Trial(model, classes, planner.width(), settings, scratch, clock, Trial.SHORT);
        Optional<String> chosen = chosen(planner, trial);
        List<Option> options = new ArrayList<>();
        List<MemoryPlan> plans = new ArrayList<>(planner.byDepth());
        if (chosen.isPresent()
                && plans.stream().noneMatch(plan -> plan.train().spec().equals(chosen.get()))) {
            plans.add(planner.plan(TrainSpec.parse(chosen.get())));
        }
        for (MemoryPlan plan : plans) {
            options.add(option(
                    plan,
                    planner,
                    trial,
                    chosen.filter(plan.train().spec()::equals).isPresent()));
        }
        return new PlanTable(options);
    }

    /** What a retraining would do; nothing where nothing fits, which the table then shows. */
    private static Optional<String> chosen(Planner planner, Trial trial) {
        MemoryPlan last = planner.plan(new TrainSpec.Last());
        return last.fits() ? Optional.of(planner.choose(trial).train().spec()) : Optional.empty();
    }

    private static Option option(MemoryPlan plan, Planner planner, Trial trial, boolean chosen) {
        double trained = plan.fits() ? trial.trainedPerSecond(plan) : 0;
        return new Option(
                plan.train().spec(),
                plan.suffix().cut(),
                plan.parameters(),
                plan.plannedBytes(),
                trained,
                plan.fits() ? planner.seconds(plan, trial.looksPerSecond(plan), trained) : 0,
                plan.fits(),
                chosen,
                plan.portions().batch(),
                plan.portions().microBatch(),
                1 + plan.views(),
                plan.cacheBytes(),
                plan.items());
    }
}

package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Finds out what can be trained within a budget of memory, and how. */
final class Planner {
    /**
     * The deepest that {@code auto} goes, as a share of the blocks: what lies before sees edges and colours, which are
     * the same everywhere; see the benchmarks.
     */
    private static final double DEEPEST_SHARE = 0.5;

    /** Larger micro-batches take more memory without being faster. */
    private static final int LARGEST_MICRO_BATCH = 8;

    /** Smaller ones share the work of setting up each operator too little. */
    private static final int LEAST_MICRO_BATCH = 2;

    /**
     * What a network computes for a micro-batch, in bytes: beyond that, it leaves the caches of the processor. All of
     * MobileNetV2 is as fast with two pictures at a time as with four, in half the memory; its last three blocks are a
     * tenth faster with eight than with four. A constant and no trial, as other sums give other last bits.
     */
    private static final long LARGEST_ACTIVATIONS = 48L << 20;

    /** Fewer pictures say too little of the mean and the variance of a batch. */
    private static final int LEAST_FOR_STATISTICS = 8;

    /** The longest that {@code auto} takes where no time was given. */
    private static final double UNASKED_MINUTES = 15;

    /** Of the time that was given; the new model has to be checked, too, and a trial is no promise. */
    private static final double SHARE_OF_TIME = 0.7;

    private final ClassifierModel model;
    private final int classes;
    private final int pictures;
    private final int development;
    private final TrainingSettings settings;
    private final long freeDisk;
    private final Depths depths;
    private final MemoryNeeds needs;
    private final Map<String, Shape> shapes;
    private final Map<TrainSpec, MemoryPlan> plans = new HashMap<>();

    /**
     * @param pictures how many there are
     * @param development how many of them train, or say when to stop
     * @param freeDisk bytes that are free where the caches will lie
     * @param alsoHeld what the run holds besides the model and its training
     */
    Planner(
            ClassifierModel model,
            int classes,
            int pictures,
            int development,
            TrainingSettings settings,
            long freeDisk,
            MemoryNeeds.AlsoHeld alsoHeld) {
        this.model = model;
        this.classes = classes;
        this.pictures = pictures;
        this.development = development;
        this.settings = settings;
        this.freeDisk = freeDisk;
        Trunk trunk = model.trunk();
        this.shapes = ShapeInference.of(NoisyModel.settled(trunk.model(), ShapeInference::of));
        requireRow(trunk, shapes);
        this.depths =
                new Depths(trunk, shapes, settings.suffix().normalization() == SuffixSettings.Normalization.FROZEN);
        HeadNoise noise = new HeadNoise(settings.noise());
        if (noise.namesLayers()) {
            noise.requireLayers(depths.all());
        }
        boolean sampled = !Averaging.parse(settings.average()).noises().isEmpty();
        this.needs =
                new MemoryNeeds(trunk.model(), alsoHeld, settings.ensemble().members(), sampled, pictures);
    }

    /** Features before the last layer. */
    int width() {
        return depths.last().width();
    }

    private static void requireRow(Trunk trunk, Map<String, Shape> shapes) {
        Shape shape = shapes.get(trunk.features());
        if (shape == null || shape.rank() != 2 || !shape.isFixed() || shape.size(0) != 1) {
            throw new FieldfareException("the features before the " + trunk.classifier() + ", '" + trunk.features()
                    + "', are " + (shape == null ? "of unknown shape" : shape)
                    + "; a last layer can be trained on one row a picture, [1 x features]");
        }
    }

    /**
     * The plan for what the settings ask for.
     *
     * @throws FieldfareException in one sentence, with the smallest budget that would do and the nearest plan that fits,
     *     if it does not fit
     */
    MemoryPlan plan() {
        TrainSpec asked = TrainSpec.parse(settings.train());
        if (asked instanceof TrainSpec.Auto) {
            return withMixes(deepest());
        }
        MemoryPlan plan;
        try {
            plan = plan(asked);
        } catch (NotDifferentiable e) {
            throw new FieldfareException(
                    e.getMessage() + "; the deepest that can be trained is --train "
                            + deepest().train().spec(),
                    e);
        }
        if (!plan.fits()) {
            boolean shallower = !(asked instanceof TrainSpec.Last);
            throw tooSmall(
                    plan,
                    shallower
                            ? "; the deepest that fits is --train "
                                    + deepest().train().spec()
                            : "");
        }
        return withMixes(plan);
    }

    /** Part of the network has no gradient; the message says which node, and why. */
    private static final class NotDifferentiable extends FieldfareException {
        private static final long serialVersionUID = 1;

        NotDifferentiable(FieldfareException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private HeadGraph head(Suffix suffix, Portions portions) {
        try {
            return new HeadGraph(suffix, portions, classes, FeatureScaling.identity(suffix.width()), settings);
        } catch (FieldfareException e) {
            throw new NotDifferentiable(e);
        }
    }

    private FieldfareException tooSmall(MemoryPlan plan, String instead) {
        return new FieldfareException("a budget of " + MemorySize.format(plan.budgetBytes()) + " is too small for "
                + model.file().getFileName() + ": training " + plan.train().inWords() + " needs "
                + MemorySize.format(plan.plannedBytes()) + " (" + plan.inWords() + "); give --budget "
                + MemorySize.format(plan.plannedBytes()) + " or a smaller model" + instead);
    }

    /**
     * What {@code auto} means: the deepest that fits the budget, is no deeper than pays, and can be done in time.
     *
     * @param trial tells how fast this machine is
     */
    MemoryPlan choose(Trial trial) {
        if (!(TrainSpec.parse(settings.train()) instanceof TrainSpec.Auto)) {
            return plan();
        }
        List<TrainSpec> specs = candidates();
        List<TrainSpec> worthwhile = specs.subList(0, (int) Math.ceil(specs.size() * DEEPEST_SHARE));
        for (TrainSpec spec : worthwhile.reversed()) {
            Optional<MemoryPlan> plan = ifDifferentiable(spec).filter(MemoryPlan::fits);
            if (plan.isPresent()
                    && seconds(plan.get(), trial.looksPerSecond(plan.get()), trial.trainedPerSecond(plan.get()))
                            <= allowedSeconds()) {
                return withMixes(plan.get());
            }
        }
        MemoryPlan last = plan(new TrainSpec.Last());
        if (!last.fits()) {
            throw tooSmall(last, "");
        }
        return withMixes(last);
    }

    /** The plan, if the pictures that it trains on can be mixed as the settings ask for. */
    private MemoryPlan withMixes(MemoryPlan plan) {
        boolean pictures = !plan.suffix().isEmpty() && (!plan.cached() || isWhole(plan.suffix()));
        for (Noise.OnBatch noise : settings.augment().mixes()) {
            if (noise.mixesPictures() && !pictures) {
                throw new FieldfareException("augment.strengths." + noise.name() + " mixes pictures, but training "
                        + plan.train().inWords() + " reads what the frozen part has computed of them before; "
                        + (plan.suffix().isEmpty()
                                ? "train deeper, as with --train blocks:1, "
                                : "set suffix.inputs to fresh ")
                        + "or take augment.strengths.featureMixup instead");
            }
        }
        return plan;
    }

    private boolean isWhole(Suffix suffix) {
        return model.trunk(suffix).model().graph().nodes().isEmpty();
    }

    private double allowedSeconds() {
        return settings.minutes() > 0 ? SHARE_OF_TIME * 60 * settings.minutes() : 60 * UNASKED_MINUTES;
    }

    /** How long a training takes at most: all looks, and all epochs, twice where training is done anew on all. */
    double seconds(MemoryPlan plan, double looksPerSecond, double trainedPerSecond) {
        double looks = (pictures + (double) development * plan.views()) / looksPerSecond;
        if (plan.suffix().isEmpty()) {
            return looks;
        }
        int rounds = settings.earlyStopping().refit() ? 2 : 1;
        return looks
                + (double) rounds
                        * settings.suffix().effectiveEpochs(settings.epochs())
                        * development
                        / trainedPerSecond;
    }

    /** The deepest plan by blocks that fits. */
    private MemoryPlan deepest() {
        MemoryPlan last = plan(new TrainSpec.Last());
        if (!last.fits()) {
            throw tooSmall(last, "");
        }
        return candidates().reversed().stream()
                .flatMap(spec -> ifDifferentiable(spec).stream())
                .filter(MemoryPlan::fits)
                .findFirst()
                .orElse(last);
    }

    private List<TrainSpec> candidates() {
        List<TrainSpec> specs = new ArrayList<>();
        for (int blocks = 1; blocks <= depths.blocks(); blocks++) {
            specs.add(blocks == depths.blocks() ? new TrainSpec.All() : new TrainSpec.LastBlocks(blocks));
        }
        return specs;
    }

    private Optional<MemoryPlan> ifDifferentiable(TrainSpec spec) {
        try {
            return Optional.of(plan(spec));
        } catch (NotDifferentiable e) {
            return Optional.empty();
        }
    }

    /** All depths by blocks, from the shallowest to the deepest that has gradients. */
    List<MemoryPlan> byDepth() {
        List<MemoryPlan> plans = new ArrayList<>();
        plans.add(plan(new TrainSpec.Last()));
        candidates().forEach(spec -> ifDifferentiable(spec).ifPresent(plans::add));
        return plans;
    }

    /** The plan nearest to what is asked for that fits the budget, or the smallest there is where none does. */
    MemoryPlan plan(TrainSpec spec) {
        MemoryPlan plan = plans.get(spec);
        if (plan == null) {
            plan = planAnew(spec);
            plans.put(spec, plan);
        }
        return plan;
    }

    private MemoryPlan planAnew(TrainSpec spec) {
        Suffix suffix = spec.suffix(depths);
        boolean cached = isCached(suffix);
        Optional<OnnxModel> trunk = suffix.isEmpty() || cached
                ? Optional.empty()
                : Optional.of(model.trunk(suffix).model())
                        .filter(front -> !front.graph().nodes().isEmpty());
        List<Portions> portions = portions(suffix);
        MemoryPlan smallest = null;
        if (settings.budgetBytes() > 0) {
            // If this does not fit, nothing between needs to be worked out.
            MemoryNeeds.Training training = needs.training(head(suffix, portions.getLast()), trunk);
            smallest = plan(spec, suffix, training, 1, cached);
            if (!smallest.fits()) {
                return smallest;
            }
        }
        for (Portions some : portions) {
            MemoryNeeds.Training training = needs.training(head(suffix, some), trunk);
            // What is held while looking may be more than training needs: then one thread has to do.
            for (int lookers :
                    settings.effectiveThreads() > 1 ? new int[] {settings.effectiveThreads(), 1} : new int[] {1}) {
                MemoryPlan plan = plan(spec, suffix, training, lookers, cached);
                if (plan.fits()) {
                    return plan;
                }
            }
        }
        return Objects.requireNonNull(smallest);
    }

    /** What of the network a spec means. */
    Suffix suffix(TrainSpec spec) {
        return spec.suffix(depths);
    }

    /** How many trainings of one thread each fit into the budget at the same time, up to a number. */
    int sideBySide(MemoryPlan plan, int most) {
        if (plan.budgetBytes() == 0) {
            return most;
        }
        long each =
                Math.max(1, needs.trainingBytes(head(plan.suffix(), plan.alone().portions())));
        return (int) Math.clamp(1 + (plan.budgetBytes() - plan.plannedBytes()) / each, 1, most);
    }

    /** From the fastest to the smallest. */
    private List<Portions> portions(Suffix suffix) {
        int batch = settings.batch();
        List<Portions> portions = new ArrayList<>();
        int threads = settings.effectiveThreads();
        if (suffix.isEmpty()) {
            // The matrices of a last layer are too small to be worth sharing. The looks before it are not.
            for (int size = batch; size >= 1; size /= 2) {
                portions.add(new Portions(batch, size, 1, 1));
            }
            return portions;
        }
        if (settings.suffix().normalization() == SuffixSettings.Normalization.BATCH) {
            // Statistics are those of a micro-batch, so it must not be small: rather fewer workers.
            int workers = Math.clamp(batch / LEAST_FOR_STATISTICS, 1, threads);
            int least = Math.min(LEAST_FOR_STATISTICS, batch);
            for (int size = (batch + workers - 1) / workers; size >= least; size /= 2) {
                portions.add(new Portions(batch, size, workers, threads / workers));
            }
            return portions;
        }
        // Threads that have a micro-batch each are faster than all at one, even if it is four times as large, but hold
        // gradients each. Where memory is short, weights are prepared for each micro-batch anew rather than cut it
        // smaller.
        for (int workers : threads > 1 ? new int[] {threads, 1} : new int[] {1}) {
            for (int size = Math.min(largest(suffix), (batch + threads - 1) / threads); size >= 1; size /= 2) {
                Portions quickest = new Portions(batch, size, workers, threads / workers);
                portions.add(quickest);
                if (quickest.preparesWeights()) {
                    portions.add(quickest.withoutPreparation());
                }
            }
        }
        return portions;
    }

    /** The largest micro-batch that is worth its memory. */
    private int largest(Suffix suffix) {
        long bytes = suffix.stored().graph().nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .map(shapes::get)
                .filter(shape -> shape != null && shape.isFixed())
                .mapToLong(shape -> Float.BYTES * shape.elements())
                .sum();
        int size = LARGEST_MICRO_BATCH;
        while (size > LEAST_MICRO_BATCH && size * bytes > LARGEST_ACTIVATIONS) {
            size /= 2;
        }
        return size;
    }

    private MemoryPlan plan(TrainSpec spec, Suffix suffix, MemoryNeeds.Training training, int lookers, boolean cached) {
        List<TrainingReport.MemoryItem> items = needs.items(lookers, training);
        long rowBytes = rowBytes(suffix, cached);
        long rows = freeDisk / 2 / Math.max(1, rowBytes * Math.max(1, pictures));
        int views =
                hasViews(suffix) ? (int) Math.max(0, Math.min(settings.augment().views(), rows - 1)) : 0;
        long parameters = (long) classes * (suffix.width() + 1)
                + suffix.parameters().stream()
                        .mapToLong(parameter -> parameter.shape().elements())
                        .sum();
        return new MemoryPlan(
                spec,
                suffix,
                settings.budgetBytes(),
                items.stream().mapToLong(TrainingReport.MemoryItem::bytes).sum(),
                training.portions(),
                lookers,
                views,
                rowBytes * pictures * (1 + views),
                cached,
                parameters,
                items);
    }

    /** Whether looking at a picture again can show something else. */
    private boolean hasViews(Suffix suffix) {
        return !settings.augment().noises().isEmpty()
                || model.isForeign()
                        && NoisyModel.isForeign(model.trunk(suffix).model().graph());
    }

    private static long rowBytes(Suffix suffix, boolean cached) {
        long floats = suffix.width();
        if (cached && !suffix.isEmpty()) {
            floats += suffix.shape().elements();
        }
        return floats * Float.BYTES;
    }

    /** Half of what is free: the new model, its report and the rest of the system need room too. */
    private boolean isCached(Suffix suffix) {
        if (suffix.isEmpty()) {
            return false;
        }
        return switch (settings.suffix().inputs()) {
            case CACHED -> true;
            case FRESH -> false;
            case AUTO -> {
                // The whole network has no frozen part to save, and what is mixed anew for every look cannot be kept.
                boolean fresh =
                        isWhole(suffix) || settings.augment().mixes().stream().anyMatch(Noise.OnBatch::mixesPictures);
                long wanted = rowBytes(suffix, true)
                        * pictures
                        * (1 + settings.augment().views());
                yield !fresh && wanted <= freeDisk / 2;
            }
        };
    }
}

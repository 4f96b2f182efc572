package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Finds out what can be trained within a budget of memory, and how. */
final class Planner {
    private final ClassifierModel model;
    private final int classes;
    private final int pictures;
    private final TrainingSettings settings;
    private final long freeDisk;
    private final Depths depths;
    private final MemoryNeeds needs;

    /**
     * @param pictures how many will train at most
     * @param freeDisk bytes that are free where the caches will lie
     * @param alsoHeld what the run holds besides the model and its training
     */
    Planner(
            ClassifierModel model,
            int classes,
            int pictures,
            TrainingSettings settings,
            long freeDisk,
            MemoryNeeds.AlsoHeld alsoHeld) {
        this.model = model;
        this.classes = classes;
        this.pictures = pictures;
        this.settings = settings;
        this.freeDisk = freeDisk;
        Trunk trunk = model.trunk();
        Map<String, Shape> shapes = ShapeInference.of(trunk.model());
        requireRow(trunk, shapes);
        this.depths = new Depths(
                trunk, shapes, settings.suffix().normalization() == SuffixSettings.Normalization.FROZEN);
        this.needs = new MemoryNeeds(trunk.model(), shapes, alsoHeld);
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
            return deepest();
        }
        MemoryPlan plan = plan(asked);
        if (!plan.fits()) {
            MemoryPlan nearest = deepest();
            throw tooSmall(plan, nearest.fits() && !nearest.suffix().isEmpty()
                    || !(asked instanceof TrainSpec.Last) && nearest.fits()
                    ? "; within the budget, --train " + nearest.train().spec() + " fits"
                    : "");
        }
        return plan;
    }

    private FieldfareException tooSmall(MemoryPlan plan, String instead) {
        return new FieldfareException("a budget of " + MemorySize.format(plan.budgetBytes()) + " is too small for "
                + model.file().getFileName() + ": training " + plan.train().inWords() + " needs "
                + MemorySize.format(plan.plannedBytes()) + " (" + plan.inWords() + "); give --budget "
                + MemorySize.format(plan.plannedBytes()) + " or a smaller model" + instead);
    }

    private MemoryPlan deepest() {
        MemoryPlan chosen = plan(new TrainSpec.Last());
        if (!chosen.fits()) {
            throw tooSmall(chosen, "");
        }
        for (int blocks = 1; blocks <= depths.blocks(); blocks++) {
            MemoryPlan deeper = plan(new TrainSpec.LastBlocks(blocks));
            if (!deeper.fits()) {
                break;
            }
            chosen = deeper;
        }
        return chosen;
    }

    /** All depths by blocks, from the shallowest to the deepest that has gradients. */
    List<MemoryPlan> byDepth() {
        List<MemoryPlan> plans = new ArrayList<>();
        plans.add(plan(new TrainSpec.Last()));
        for (int blocks = 1; blocks <= depths.blocks(); blocks++) {
            plans.add(plan(blocks == depths.blocks() ? new TrainSpec.All() : new TrainSpec.LastBlocks(blocks)));
        }
        return plans;
    }

    /** The plan nearest to what is asked for that fits the budget, or the smallest there is where none does. */
    MemoryPlan plan(TrainSpec spec) {
        Suffix suffix = spec.suffix(depths);
        boolean cached = isCached(suffix);
        Optional<OnnxModel> trunk = suffix.isEmpty() || cached
                ? Optional.empty()
                : Optional.of(model.trunk(suffix).model())
                        .filter(front -> !front.graph().nodes().isEmpty());
        MemoryPlan plan = null;
        for (Portions portions : portions(suffix)) {
            plan = plan(spec, suffix, portions, cached, trunk);
            if (plan.fits()) {
                break;
            }
        }
        return Objects.requireNonNull(plan);
    }

    /** From the fastest to the smallest. */
    private List<Portions> portions(Suffix suffix) {
        int batch = settings.batch();
        List<Portions> portions = new ArrayList<>();
        int workers = settings.effectiveThreads();
        if (suffix.isEmpty()) {
            // The matrices of a last layer are too small to be worth sharing. The looks before it are not.
            for (int size = batch; size >= 1; size /= 2) {
                portions.add(new Portions(batch, size, 1));
            }
            return portions;
        }
        for (int size = (batch + workers - 1) / workers; size >= 1; size /= 2) {
            portions.add(new Portions(batch, size, workers));
        }
        portions.add(new Portions(batch, 1, 1));
        return portions;
    }

    private MemoryPlan plan(
            TrainSpec spec, Suffix suffix, Portions portions, boolean cached, Optional<OnnxModel> trunk) {
        HeadGraph head =
                new HeadGraph(suffix, portions, classes, FeatureScaling.identity(suffix.width()), settings);
        List<TrainingReport.MemoryItem> items = needs.items(head, trunk);
        long rowBytes = rowBytes(suffix, cached);
        long rows = freeDisk / 2 / Math.max(1, rowBytes * Math.max(1, pictures));
        int views = settings.augment().noises().isEmpty()
                ? 0
                : (int) Math.max(0, Math.min(settings.augment().views(), rows - 1));
        long parameters = (long) classes * (suffix.width() + 1)
                + suffix.parameters().stream()
                        .mapToLong(parameter -> parameter.shape().elements())
                        .sum();
        return new MemoryPlan(
                spec,
                suffix,
                settings.budgetBytes(),
                items.stream()
                        .mapToLong(TrainingReport.MemoryItem::bytes)
                        .sum(),
                portions,
                views,
                rowBytes * pictures * (1 + views),
                cached,
                parameters,
                items);
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
                // The whole network has no frozen part to save.
                boolean whole = model.trunk(suffix).model().graph().nodes().isEmpty();
                long wanted = rowBytes(suffix, true) * pictures * (1 + settings.augment().views());
                yield !whole && wanted <= freeDisk / 2;
            }
        };
    }
}

package dev.fieldfare.train;

import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The course of a training: first the last layer by itself, then, where deeper layers are to be trained, these together
 * with it, from there on (Kumar et al., "Fine-tuning can distort pretrained features and underperform
 * out-of-distribution", 2022).
 */
final class Course {
    private final ClassifierModel parent;
    private final PreparedPictures prepared;
    private final MemoryPlan plan;
    private final TrainingSettings settings;
    private final Seed seed;
    private final Optional<Instant> deadline;
    private final Slots slots;
    private final InstantSource clock;
    private final Progress progress;

    Course(
            ClassifierModel parent,
            PreparedPictures prepared,
            MemoryPlan plan,
            TrainingSettings settings,
            Seed seed,
            Optional<Instant> deadline,
            Slots slots,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.prepared = prepared;
        this.plan = plan;
        this.settings = settings;
        this.seed = seed;
        this.deadline = deadline;
        this.slots = slots;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Trains.
     *
     * @param features of all views, before the last layer
     * @param work a folder for files that are gone when this returns
     * @param from what it goes on from, where this is another cycle of a training
     */
    Trained run(FeatureCache features, Path work, Optional<Trained> from) {
        FeatureScaling scaling = FeatureScaling.of(features, prepared.features().rows(prepared.train()));
        if (plan.suffix().isEmpty()) {
            return last(scaling, prepared.refit(), from);
        }
        boolean fromProbe = settings.suffix().start() == SuffixSettings.Start.PROBE;
        if (!fromProbe) {
            // What an untrained network's features are like says nothing of what they will be.
            scaling = FeatureScaling.identity(plan.featureWidth());
        }
        Map<String, FloatBuffer> start = plan.suffix().weights();
        Optional<Trained> probe = Optional.empty();
        if (from.isPresent()) {
            start.putAll(from.get().suffix().weights());
            start.putAll(from.get().lastLayer());
        } else if (fromProbe) {
            // Not on the validation pictures, which are still to say when to stop.
            Trained layer = last(scaling, false, Optional.empty());
            start.putAll(layer.lastLayer());
            probe = Optional.of(layer);
        }
        Trained tuned = deeper(scaling, start, work, from.isPresent());
        if (tuned.best().epoch() == 0) {
            // Nothing deeper was better than the last layer alone: then that is the result, as if asked for.
            return last(scaling, prepared.refit(), from).insteadOf(plan.train());
        }
        return probe.map(tuned::after).orElse(tuned);
    }

    private Trained last(FeatureScaling scaling, boolean refit, Optional<Trained> from) {
        Suffix nothing = plan.suffix().end();
        Portions portions =
                Portions.whole(Math.min(settings.batch(), plan.portions().batch()));
        HeadGraph graph = new HeadGraph(nothing, portions, prepared.labels().size(), scaling, settings);
        FineTuner.Pace pace = new FineTuner.Pace(
                settings.epochs(), settings.optimizer().peakLearningRate(nothing.width()), 0, from.isPresent());
        try (FineTuner tuner =
                new FineTuner(graph, prepared.features(), mixing(false), settings, seed, slots, clock, progress)) {
            FineTuner.Trained trained = tuner.train(
                    from.map(Trained::lastLayer).orElse(Map.of()),
                    prepared.train(),
                    prepared.validation(),
                    pace,
                    refit,
                    deadline);
            return Trained.of(graph, trained);
        }
    }

    private Trained deeper(FeatureScaling scaling, Map<String, FloatBuffer> start, Path work, boolean goesOn) {
        Suffix suffix = plan.suffix();
        HeadGraph graph =
                new HeadGraph(suffix, plan.portions(), prepared.labels().size(), scaling, settings);
        FineTuner.Pace pace = new FineTuner.Pace(
                settings.suffix().effectiveEpochs(settings.epochs()),
                settings.optimizer().peakLearningRate(suffix.width()),
                settings.optimizer().suffixLearningRate(settings.suffix(), suffix.width()),
                goesOn);
        if (prepared.cuts().isPresent()) {
            return tune(graph, prepared.cuts().get(), prepared.train(), prepared.validation(), pace, start);
        }
        Preprocessing preprocessing = parent.preprocessing();
        List<Noise.OnPicture> noises = settings.augment().noises();
        try (TrunkRunner trunk =
                new TrunkRunner(parent.trunk(suffix), preprocessing, suffix.shape(), work.resolve("trunk.onnx"), 1)) {
            Inputs inputs = new FreshInputs(
                    prepared.usable().stream().map(LabelledPicture::file).toList(), preprocessing, trunk, noises, seed);
            // There is a view for every look; its number need not tell it from others.
            int views = noises.isEmpty() && !trunk.isRandom() ? 0 : 1;
            return tune(
                    graph,
                    inputs,
                    prepared.train().withViews(views),
                    prepared.validation().withViews(prepared.refit() ? views : 0),
                    pace,
                    start);
        }
    }

    /** The last layer by itself is trained on features, where no pictures are left to be mixed. */
    private Optional<Mixing> mixing(boolean ofPictures) {
        return Mixing.of(settings.augment(), parent.preprocessing(), ofPictures);
    }

    private Trained tune(
            HeadGraph graph,
            Inputs inputs,
            Examples train,
            Examples validation,
            FineTuner.Pace pace,
            Map<String, FloatBuffer> start) {
        try (FineTuner tuner = new FineTuner(graph, inputs, mixing(true), settings, seed, slots, clock, progress)) {
            return Trained.of(graph, tuner.train(start, train, validation, pace, prepared.refit(), deadline));
        }
    }
}

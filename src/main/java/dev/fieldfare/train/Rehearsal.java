package dev.fieldfare.train;

import dev.fieldfare.model.LastLayer;
import dev.fieldfare.model.Suffix;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A whole training on a workbench, as a retraining would do it, measured on the held-back pictures from what the frozen
 * network made of them. Nothing is written.
 */
public final class Rehearsal {
    private final TrainingSettings settings;
    private final Trained trained;
    private final Answers answers;

    Rehearsal(TrainingSettings settings, Trained trained, Answers answers) {
        this.settings = settings;
        this.trained = trained;
        this.answers = answers;
    }

    /**
     * Measures on the held-back pictures.
     *
     * @param own the plan of the training
     */
    static Rehearsal of(TrainingSettings settings, Trained trained, MemoryPlan own, PreparedPictures prepared) {
        LastLayer layer = trained.layer();
        Map<String, FloatBuffer> weights = new HashMap<>(trained.suffix().weights());
        weights.put(HeadGraph.WEIGHT, FloatBuffer.wrap(layer.weight()));
        weights.put(HeadGraph.BIAS, FloatBuffer.wrap(layer.bias()));
        FeatureScaling none = FeatureScaling.identity(own.featureWidth());
        FeatureScaling scaling =
                layer.centre().length == 0 ? none : new FeatureScaling(layer.centre(), none.inverseDeviation());
        Suffix suffix = trained.suffix().isEmpty() ? own.suffix().end() : own.suffix();
        HeadGraph graph =
                new HeadGraph(suffix, own.portions(), prepared.labels().size(), scaling, settings);
        CachedInputs inputs = suffix.isEmpty()
                ? prepared.features()
                : prepared.cuts().orElseThrow(() -> new IllegalStateException("nothing is cached at the cut"));
        try (StepRunner runner = new StepRunner(graph, inputs)) {
            runner.start(weights);
            return new Rehearsal(settings, trained, runner.answers(prepared.heldBackExamples()));
        }
    }

    /** What it was done with. */
    public TrainingSettings settings() {
        return settings;
    }

    /** What it says of the held-back pictures, before it is calibrated. */
    public Answers heldBack() {
        return answers;
    }

    Trained trained() {
        return trained;
    }
}

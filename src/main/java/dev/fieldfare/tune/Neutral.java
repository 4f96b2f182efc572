package dev.fieldfare.tune;

import dev.fieldfare.train.TrainingSettings;
import java.util.Map;

/** Settings without anything that keeps a network from learning its pictures by heart: no noise, no penalties, no views. */
final class Neutral {
    private static final Map<String, Object> NOTHING = Map.of(
            "train", "last",
            "regularization.l2", 0,
            "regularization.l1", 0,
            "regularization.weightDecay", 0,
            "regularization.maxNorm", 0,
            "regularization.labelSmoothing", 0,
            "noise.dropout", 0,
            "noise.dropConnect", 0,
            "noise.stochasticDepth", 0,
            "augment.views", 0);

    private Neutral() {}

    /** The same settings for the last layer alone, with the same optimizer and class weights. */
    static TrainingSettings of(TrainingSettings settings) {
        return SearchSpace.apply(settings, NOTHING).withoutMixes();
    }
}

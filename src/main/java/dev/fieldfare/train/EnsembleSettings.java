package dev.fieldfare.train;

import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Resample;

/**
 * Several members instead of one model.
 *
 * @param members how many, 1 to 50; 1 makes no ensemble
 * @param by what makes them differ
 * @param combine what becomes of them
 */
public record EnsembleSettings(int members, By by, Combine combine) {
    public static final EnsembleSettings NONE = new EnsembleSettings(1, By.SEEDS, Combine.PROBABILITIES);

    /** What makes members differ. */
    public enum By {
        /** Their seeds: the order of the pictures, the views, the noise. */
        SEEDS,
        /** Their pictures, besides: as many as there are, drawn with replacement (Breiman, "Bagging predictors", 1996). */
        BOOTSTRAP,
        /**
         * Their time: one run whose learning rate falls and is raised again, with a member at the end of each cycle (Huang
         * et al., "Snapshot ensembles: train 1, get M for free", ICLR 2017). The epochs are shared by the cycles.
         */
        SNAPSHOTS
    }

    /** What becomes of members. */
    public enum Combine {
        /** The mean of their probabilities. */
        PROBABILITIES,
        /**
         * One network of their mean weights, as small and as fast as one member (Wortsman et al., "Model soups", 2022): for
         * members that are close to each other, such as snapshots, or those of a last layer.
         */
        WEIGHTS
    }

    public EnsembleSettings {
        Settings.requireRange("ensemble.members", members, 1, 50);
    }

    /** What each member draws of the pictures. */
    Noise.OnMember noise() {
        return new Resample(members > 1 && by == By.BOOTSTRAP ? 1 : 0);
    }
}

package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Resample;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Several members instead of one model.
 *
 * @param members how many, 1 to 50; 1 makes no ensemble
 * @param by what makes them differ
 * @param combine what becomes of them
 * @param settings for each member in turn the keys of the training settings that are others for it, as in
 *     {@code [{}, {noise: {dropout: 0.5}}]}; members without an entry are trained as the settings say
 */
public record EnsembleSettings(int members, By by, Combine combine, List<Map<String, Object>> settings) {
    public static final EnsembleSettings NONE = new EnsembleSettings(1, By.SEEDS, Combine.PROBABILITIES, List.of());

    /** What may differ between members that share what the trunk computes, and one plan of how deep is trained. */
    private static final Set<String> OWN =
            Set.of("epochs", "optimizer", "suffix", "regularization", "noise", "earlyStopping");

    /** Of the layers before the last. */
    private static final Set<String> OWN_OF_SUFFIX = Set.of("learningRate", "epochs", "l2");

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
        settings = List.copyOf(settings);
        if (settings.size() > members) {
            throw new FieldfareException("ensemble.settings has " + settings.size() + " entries, but there are "
                    + members + " members; give ensemble.members, or fewer entries");
        }
        if (!settings.isEmpty() && by == By.SNAPSHOTS) {
            throw new FieldfareException("ensemble.settings: snapshots are of one run, whose settings are the same for"
                    + " all; set ensemble.by to seeds or bootstrap");
        }
        for (Map<String, Object> own : settings) {
            requireKnown("", own.keySet(), OWN);
            if (own.get("suffix") instanceof Map<?, ?> suffix) {
                requireKnown("suffix.", suffix.keySet(), OWN_OF_SUFFIX);
            }
        }
    }

    private static void requireKnown(String prefix, Set<?> keys, Set<String> known) {
        for (Object key : keys) {
            if (!known.contains(String.valueOf(key))) {
                throw new FieldfareException("ensemble.settings: " + prefix + key + " cannot be another for one member;"
                        + " these can: " + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    /** What each member draws of the pictures. */
    Noise.OnMember noise() {
        return new Resample(members > 1 && by == By.BOOTSTRAP ? 1 : 0);
    }
}

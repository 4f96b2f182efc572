package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a search goes: the keys of its configuration file. What a single training does is in {@link
 * dev.fieldfare.train.TrainingSettings}.
 *
 * @param search how settings are chosen in the coarse search
 * @param trials settings that the coarse search tries, at most; 0 for as many as there is time for
 * @param folds parts into which the pictures are divided; each measures once what the others trained, 2 to 20
 * @param repeats how often settings that have come far are measured anew with other folds, 1 to 10
 * @param halving of how many settings one goes on to as many times the epochs, 2 to 10; 1 stops none early
 * @param rounds of refining around the best, at most; it also ends when it does not pay, 0 to 20
 * @param ranges values to try, by the key of the setting; empty for the ones that {@link Ranges} chooses
 */
public record TuningSettings(
        Search search, int trials, int folds, int repeats, int halving, int rounds, Map<String, Object> ranges) {
    public static final TuningSettings DEFAULT = new TuningSettings(Search.RANDOM, 0, 5, 2, 3, 3, Map.of());

    /** How settings are chosen in the coarse search. */
    public enum Search {
        /** Each at random: so many values of every setting are tried as there are trials (Bergstra and Bengio, 2012). */
        RANDOM,
        /** All combinations of a few values of each setting. */
        GRID
    }

    public TuningSettings {
        require("trials", trials, 0, 10_000);
        require("folds", folds, 2, 20);
        require("repeats", repeats, 1, 10);
        require("halving", halving, 1, 10);
        require("rounds", rounds, 0, 20);
        ranges = Collections.unmodifiableMap(new LinkedHashMap<>(ranges));
    }

    private static void require(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new FieldfareException(key + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}

package dev.fieldfare.train;

import dev.fieldfare.noise.Mix;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * Pictures of one step.
 *
 * @param pictures their numbers
 * @param views of each, the view to look at
 * @param partners what some are mixed with, by their places in this batch
 * @param targets of each, what its probabilities should be, times what it counts
 * @param epoch counted from 1
 * @param first number of the first picture of this batch within the epoch
 */
record Batch(int[] pictures, int[] views, Map<Integer, Partner> partners, float[][] targets, int epoch, int first) {

    /**
     * Another picture that one is mixed with.
     *
     * @param picture its number
     * @param view of it
     * @param mix how
     * @param ofPictures whether the pictures themselves are mixed, or what is read of them
     */
    record Partner(int picture, int view, Mix mix, boolean ofPictures) {}

    Batch {
        partners = Collections.unmodifiableMap(new HashMap<>(partners));
    }

    /** Pictures as they are. */
    Batch(int[] pictures, int[] views, float[][] targets, int epoch, int first) {
        this(pictures, views, Map.of(), targets, epoch, first);
    }

    int size() {
        return pictures.length;
    }
}

package dev.fieldfare.train;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which pictures of a workbench train and which measure, by their numbers there.
 *
 * @param train what trains
 * @param validation what measures
 */
public record Fold(int[] train, int[] validation) {
    /** The same pictures on both sides: for what must be learnt by heart. */
    public static Fold byHeart(int[] pictures) {
        return new Fold(pictures, pictures);
    }

    /** All but those that measure. */
    static Fold without(int[] all, int[] validation) {
        int[] sorted = validation.clone();
        Arrays.sort(sorted);
        return new Fold(
                IntStream.of(all)
                        .filter(picture -> Arrays.binarySearch(sorted, picture) < 0)
                        .toArray(),
                sorted);
    }
}

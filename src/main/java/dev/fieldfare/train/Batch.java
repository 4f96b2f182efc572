package dev.fieldfare.train;

/**
 * Pictures of one step.
 *
 * @param pictures their numbers
 * @param views of each, the view to look at
 * @param targets of each, what its probabilities should be, times what it counts
 * @param epoch counted from 1
 * @param first number of the first picture of this batch within the epoch
 */
record Batch(int[] pictures, int[] views, float[][] targets, int epoch, int first) {
    int size() {
        return pictures.length;
    }
}

package dev.fieldfare.tune;

import java.util.Arrays;

/**
 * A difference that was measured fold by fold, and in each fold picture by picture.
 *
 * @param mean over the folds
 * @param standardError of it, the larger of two: of the folds' scatter; and of the pictures' scatter, which also one fold
 *     has, and two folds that happen to agree. It says how well these pictures were measured. Whether other pictures would
 *     agree is another question, since folds share their training pictures, and for that it is too small (Nadeau and
 *     Bengio, "Inference for the generalization error", 2003): the pictures that no trial saw answer it in the end
 */
record Difference(double mean, double standardError) {
    /**
     * From the differences on each fold.
     *
     * @param pictures the differences on each picture of these folds, in any order
     */
    static Difference of(double[] folds, double[] pictures) {
        double ofFolds = Math.sqrt(variance(folds) / Math.max(1, folds.length));
        double ofPictures = Math.sqrt(variance(pictures) / Math.max(1, pictures.length));
        return new Difference(Arrays.stream(folds).average().orElse(Double.NaN), Math.max(ofFolds, ofPictures));
    }

    /** Of the numbers that these are a sample of; 0 where one alone says nothing of it. */
    private static double variance(double[] numbers) {
        if (numbers.length < 2) {
            return 0;
        }
        double mean = Arrays.stream(numbers).average().orElse(0);
        return Arrays.stream(numbers).map(d -> (d - mean) * (d - mean)).sum() / (numbers.length - 1);
    }

    /** Whether it is more than chance would make of nothing: above one standard error. */
    boolean isWorse() {
        return !(mean <= standardError);
    }
}

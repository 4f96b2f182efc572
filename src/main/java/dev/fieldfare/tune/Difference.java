package dev.fieldfare.tune;

import java.util.Arrays;

/**
 * A difference that was measured fold by fold, and in each fold picture by picture.
 *
 * @param mean over the folds
 * @param standardError of it, the larger of two: of the folds' scatter, which is enlarged because trainings on other folds
 *     share most of their pictures (Nadeau and Bengio, "Inference for the generalization error", 2003, section 4.3); and of
 *     the pictures' scatter, which also one fold has, and two folds that happen to agree
 */
record Difference(double mean, double standardError) {
    /**
     * From the differences on each fold, of k-fold cross-validation that may have been repeated.
     *
     * @param pictures the differences on each picture of these folds, in any order
     */
    static Difference of(double[] folds, double[] pictures, int foldsOfOneRound) {
        double testToTrain = 1.0 / (foldsOfOneRound - 1);
        double ofFolds = Math.sqrt(variance(folds) * (1.0 / folds.length + testToTrain));
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

package dev.fieldfare.tune;

import java.util.Arrays;

/**
 * A difference that was measured fold by fold.
 *
 * @param mean over the folds
 * @param standardError of it; trainings on other folds share most of their pictures, so it is larger than the folds'
 *     scatter alone would say (Nadeau and Bengio, "Inference for the generalization error", 2003, section 4.3)
 */
record Difference(double mean, double standardError) {
    /** From the differences on each fold, of k-fold cross-validation that may have been repeated. */
    static Difference of(double[] folds, int foldsOfOneRound) {
        double mean = Arrays.stream(folds).average().orElse(Double.NaN);
        if (folds.length < 2) {
            // One difference does not say how far it would scatter; then it has to be taken as it is.
            return new Difference(mean, 0);
        }
        double squares = Arrays.stream(folds).map(d -> (d - mean) * (d - mean)).sum();
        double variance = squares / (folds.length - 1);
        double testToTrain = 1.0 / (foldsOfOneRound - 1);
        return new Difference(mean, Math.sqrt(variance * (1.0 / folds.length + testToTrain)));
    }

    /** Whether it is more than chance would make of nothing: above one standard error. */
    boolean isWorse() {
        return !(mean <= standardError);
    }
}

package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import java.util.List;
import java.util.Locale;

/**
 * Two models on the same pictures, compared picture by picture.
 *
 * @param images how many pictures
 * @param oldAccuracy share of pictures on which the old model was right, 0 to 1
 * @param newAccuracy the same of the new model
 * @param oldLoss mean negative log likelihood of the old model, as in {@link Evaluation#loss}
 * @param newLoss the same of the new model
 * @param onlyOldRight pictures on which the old model was right and the new one wrong
 * @param onlyNewRight pictures on which the new model was right and the old one wrong
 * @param difference new accuracy minus old, −1 to 1
 * @param p probability of a difference at least as large if both models were equally good: the exact, two-sided test
 *     of McNemar ("Note on the sampling error of the difference between correlated proportions or percentages",
 *     Psychometrika 12, 1947), a binomial test on the pictures on which only one model was right
 */
public record Comparison(
        int images,
        double oldAccuracy,
        double newAccuracy,
        double oldLoss,
        double newLoss,
        int onlyOldRight,
        int onlyNewRight,
        double difference,
        double p) {
    private static final double SIGNIFICANT = 0.05;

    /**
     * Compares.
     *
     * @param truth index of the true class of each picture
     * @param oldProbabilities what the old model says of each picture: one probability for each class
     * @param newProbabilities what the new model says of the same pictures, classes in the same order
     * @throws FieldfareException without pictures, or if a value is no probability
     */
    public static Comparison of(int[] truth, List<float[]> oldProbabilities, List<float[]> newProbabilities) {
        if (truth.length != oldProbabilities.size() || truth.length != newProbabilities.size()) {
            throw new IllegalArgumentException("the models were not shown the same pictures: " + truth.length
                    + " true classes, " + oldProbabilities.size() + " and " + newProbabilities.size() + " predictions");
        }
        if (truth.length == 0) {
            throw new FieldfareException("there is no picture to compare the models on; at least one is needed");
        }
        int classes = oldProbabilities.getFirst().length;
        int oldRight = 0;
        int newRight = 0;
        int bothRight = 0;
        double oldLoss = 0;
        double newLoss = 0;
        for (int i = 0; i < truth.length; i++) {
            float[] old = oldProbabilities.get(i);
            float[] young = newProbabilities.get(i);
            Scores.check(old, truth[i], classes, i);
            Scores.check(young, truth[i], classes, i);
            boolean wasRight = Scores.best(old) == truth[i];
            boolean isRight = Scores.best(young) == truth[i];
            oldRight += wasRight ? 1 : 0;
            newRight += isRight ? 1 : 0;
            bothRight += wasRight && isRight ? 1 : 0;
            oldLoss += Scores.loss(old, truth[i]);
            newLoss += Scores.loss(young, truth[i]);
        }
        double images = truth.length;
        return new Comparison(
                truth.length,
                oldRight / images,
                newRight / images,
                oldLoss / images,
                newLoss / images,
                oldRight - bothRight,
                newRight - bothRight,
                (newRight - oldRight) / images,
                mcnemar(oldRight - bothRight, newRight - bothRight));
    }

    /** Whether the new model is better: right on more pictures, or on as many with a lower loss. */
    public boolean better() {
        return onlyNewRight > onlyOldRight || onlyNewRight == onlyOldRight && newLoss < oldLoss;
    }

    /** Whether two equally good models would differ so much more often than once in twenty times. */
    public boolean withinChance() {
        return p >= SIGNIFICANT;
    }

    /** Why the new model should replace the old one, or should not: one sentence with the numbers. */
    public String reason() {
        if (onlyNewRight == onlyOldRight) {
            return String.format(
                    Locale.ROOT,
                    "both models are right on %d of %d held-back pictures, and the loss of the new one is %s (%.3f"
                            + " against %.3f)",
                    right(newAccuracy),
                    images,
                    newLoss < oldLoss ? "lower" : newLoss > oldLoss ? "higher" : "the same",
                    newLoss,
                    oldLoss);
        }
        return String.format(
                Locale.ROOT,
                "the new model is right on %d of %d held-back pictures, the old one on %d; %s (p = %.2g)",
                right(newAccuracy),
                images,
                right(oldAccuracy),
                withinChance()
                        ? "so small a difference is within chance, and more held-back pictures would tell"
                        : "that is more than chance",
                p);
    }

    private int right(double accuracy) {
        return Math.toIntExact(Math.round(accuracy * images));
    }

    /** Twice the tail of the binomial distribution with probability one half, at most 1. */
    private static double mcnemar(int b, int c) {
        int n = b + c;
        double term = -n * Math.log(2);
        double tail = Math.exp(term);
        // In logarithms: 2^-n is 0 as a double from about a thousand pictures on.
        for (int k = 1; k <= Math.min(b, c); k++) {
            term += Math.log((n - k + 1.0) / k);
            tail += Math.exp(term);
        }
        return Math.min(1, 2 * tail);
    }
}

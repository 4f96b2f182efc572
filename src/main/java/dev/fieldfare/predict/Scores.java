package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;

/** What the probabilities of one picture say, in the same words for {@link Evaluation} and {@link Comparison}. */
final class Scores {
    /** A probability of zero for the truth would make the mean loss infinite, whatever the other pictures say. */
    static final double FLOOR = 1e-12;

    /** Quantized models round their probabilities; more than this outside of 0 to 1 is something else. */
    private static final double ROUNDING = 0.01;

    private Scores() {}

    /** The class with the highest probability; of equals, the first. */
    static int best(float[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return best;
    }

    /** How many classes come before this one, so 0 for the best; of equals, the first comes first. */
    static int rank(float[] probabilities, int index) {
        int rank = 0;
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[index] || probabilities[i] == probabilities[index] && i < index) {
                rank++;
            }
        }
        return rank;
    }

    /** Negative log likelihood of the truth, in nats, at least 0. */
    static double loss(float[] probabilities, int truth) {
        return -Math.log(Math.clamp(probabilities[truth], FLOOR, 1.0));
    }

    /**
     * Stops at anything that is not a list of probabilities: the figures computed from it would look like figures.
     *
     * @param classes how many classes there should be
     * @param picture the picture's place in the list, for the message
     */
    static void check(float[] probabilities, int truth, int classes, int picture) {
        if (probabilities.length != classes) {
            throw new IllegalArgumentException("picture " + picture + " has " + probabilities.length
                    + " probabilities where there are " + classes + " classes");
        }
        if (truth < 0 || truth >= classes) {
            throw new IllegalArgumentException(
                    "picture " + picture + " is said to be of class " + truth + ", of " + classes + " classes");
        }
        for (int i = 0; i < classes; i++) {
            if (!(probabilities[i] >= -ROUNDING && probabilities[i] <= 1 + ROUNDING)) {
                throw new FieldfareException("the model gave picture " + picture + " the value " + probabilities[i]
                        + " for class " + i + " where a probability from 0 to 1 was expected;"
                        + " does the model's card say rightly whether its output is logits or probabilities?");
            }
        }
    }
}

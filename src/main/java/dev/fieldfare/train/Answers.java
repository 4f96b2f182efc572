package dev.fieldfare.train;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of pictures whose labels are known, in their order.
 *
 * @param truth the labels, by number
 * @param predicted what it took them for
 * @param confidence the probability of that, 0 to 1
 * @param ofTruth the probability of the label that the picture has, 0 to 1
 */
public record Answers(int[] truth, int[] predicted, float[] confidence, float[] ofTruth) {
    static final Answers NONE = new Answers(new int[0], new int[0], new float[0], new float[0]);

    /** An empty one for so many pictures, to be filled. */
    static Answers of(int[] truth) {
        return new Answers(truth, new int[truth.length], new float[truth.length], new float[truth.length]);
    }

    /** All of these, one after the other. */
    static Answers joined(List<Answers> parts) {
        Answers all =
                of(parts.stream().flatMapToInt(part -> IntStream.of(part.truth)).toArray());
        int at = 0;
        for (Answers part : parts) {
            int count = part.truth.length;
            System.arraycopy(part.predicted, 0, all.predicted, at, count);
            System.arraycopy(part.confidence, 0, all.confidence, at, count);
            System.arraycopy(part.ofTruth, 0, all.ofTruth, at, count);
            at += count;
        }
        return all;
    }

    void set(int picture, float[] probabilities) {
        int best = 0;
        for (int c = 1; c < probabilities.length; c++) {
            best = probabilities[c] > probabilities[best] ? c : best;
        }
        predicted[picture] = best;
        confidence[picture] = probabilities[best];
        ofTruth[picture] = probabilities[truth[picture]];
    }

    /** Whether a picture was recognized. */
    public boolean right(int picture) {
        return predicted[picture] == truth[picture];
    }

    /** How many were. */
    public int right() {
        int right = 0;
        for (int i = 0; i < truth.length; i++) {
            right += right(i) ? 1 : 0;
        }
        return right;
    }

    /** The mean negative log likelihood, natural logarithm; no number where a model has diverged. */
    public double loss() {
        double sum = 0;
        for (int i = 0; i < ofTruth.length; i++) {
            sum += loss(i);
        }
        return sum / truth.length;
    }

    /** The negative log likelihood of a picture's label, natural logarithm, at most 27.6. */
    public double loss(int picture) {
        return -Math.log(Math.max(1e-12, ofTruth[picture]));
    }
}

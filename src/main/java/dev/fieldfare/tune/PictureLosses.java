package dev.fieldfare.tune;

import dev.fieldfare.train.Answers;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * The negative log likelihood of each of a fold's measuring pictures, in their order, natural logarithm, at most
 * {@link #MOST}. Hundreds of trials keep theirs, so they are held as floats, and to four places, which is as much as a journal
 * should carry.
 */
final class PictureLosses extends AbstractList<Double> implements RandomAccess {
    /**
     * Of a probability of one in a hundred. Without this, the one picture that a network is surest of, and wrong, would
     * outweigh twenty others.
     */
    static final double MOST = Math.log(100);

    private static final double PLACES = 1e4;

    private final float[] losses;

    private PictureLosses(float[] losses) {
        this.losses = losses;
    }

    static PictureLosses of(Answers answers) {
        float[] losses = new float[answers.truth().length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) Math.min(MOST, answers.loss(i));
        }
        return new PictureLosses(losses);
    }

    /** The same numbers, held like this. */
    static PictureLosses of(List<Double> numbers) {
        if (numbers instanceof PictureLosses same) {
            return same;
        }
        float[] losses = new float[numbers.size()];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = numbers.get(i).floatValue();
        }
        return new PictureLosses(losses);
    }

    /** Of all of them. */
    double mean() {
        return stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    @Override
    public Double get(int index) {
        return Math.round(losses[index] * PLACES) / PLACES;
    }

    @Override
    public int size() {
        return losses.length;
    }
}

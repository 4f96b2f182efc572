package dev.fieldfare.predict;

import dev.fieldfare.model.ModelCard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of a picture.
 *
 * @param labels of the classes
 * @param probabilities of the classes, adding up to one: the mean over the looks, calibrated where that was fitted
 * @param samples how many looks
 * @param entropy of the probabilities in nats: how unsure the model is, 0 to log(classes)
 * @param mutualInformation in nats: how much of the entropy of the mean, before it is calibrated, comes from the looks
 *     disagreeing with each other, 0 with one look (Houlsby et al., "Bayesian active learning for classification", 2011, equation 2)
 * @param distance of the picture, as the first look saw it, from those that trained the model: about 0 for what is like
 *     them; NaN where the model cannot say
 * @param doubt why the answer is {@link #UNKNOWN}, if it is
 */
public record Prediction(
        List<String> labels,
        float[] probabilities,
        int samples,
        double entropy,
        double mutualInformation,
        double distance,
        Doubt doubt) {
    /** The answer of a model that does not know. */
    public static final String UNKNOWN = "unknown";

    /** Whether a model knows what it sees. */
    public enum Doubt {
        /** It does, as far as anybody can tell. */
        NONE,
        /** No label is probable enough. */
        UNSURE,
        /** The picture is far from all that trained it. */
        FAR
    }

    /** A class and its probability. */
    public record Ranked(String label, double probability) {}

    /** The prediction that several looks make together; each look is the probabilities of all classes. */
    static Prediction mean(List<String> labels, List<float[]> looks) {
        return mean(labels, looks, 1);
    }

    /**
     * The same, calibrated.
     *
     * @param temperature of the mean, see {@link Temperature}; one look by itself is left as it is
     */
    static Prediction mean(List<String> labels, List<float[]> looks, double temperature) {
        float[] mean = Temperature.mean(looks);
        double entropyOfLooks =
                looks.stream().mapToDouble(look -> entropy(look) / looks.size()).sum();
        // The difference cannot be negative (entropy is concave) but for rounding.
        double mutualInformation = Math.max(0, entropy(mean) - entropyOfLooks);
        float[] calibrated = looks.size() == 1 ? mean : Temperature.temper(mean, temperature);
        return new Prediction(
                labels, calibrated, looks.size(), entropy(calibrated), mutualInformation, Double.NaN, Doubt.NONE);
    }

    /** The same of a picture at a distance, judged by what the model's card says of the unknown. */
    Prediction judged(double newDistance, ModelCard.Unknown unknown) {
        Doubt newDoubt = Doubt.NONE;
        if (unknown.doubts(probability(), newDistance)) {
            newDoubt = unknown.isFar(newDistance) ? Doubt.FAR : Doubt.UNSURE;
        }
        return new Prediction(labels, probabilities, samples, entropy, mutualInformation, newDistance, newDoubt);
    }

    /** Whether the model does not know. */
    public boolean isUnknown() {
        return doubt != Doubt.NONE;
    }

    /** The most probable label, or {@link #UNKNOWN}. */
    public String answer() {
        return isUnknown() ? UNKNOWN : label();
    }

    private static double entropy(float[] probabilities) {
        double sum = 0;
        for (float p : probabilities) {
            sum -= p > 0 ? p * Math.log(p) : 0;
        }
        return Math.max(0, sum);
    }

    /** The index of the most probable class; the first of equals. */
    public int best() {
        int best = 0;
        for (int c = 1; c < probabilities.length; c++) {
            if (probabilities[c] > probabilities[best]) {
                best = c;
            }
        }
        return best;
    }

    /** The most probable label, whether it is probable or not. */
    public String label() {
        return labels.get(best());
    }

    public double probability() {
        return probabilities[best()];
    }

    /** The most probable classes, most probable first. */
    public List<Ranked> top(int count) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, probabilities.length).boxed().toList());
        order.sort(Comparator.comparingDouble(c -> -probabilities[c]));
        return order.stream()
                .limit(count)
                .map(c -> new Ranked(labels.get(c), probabilities[c]))
                .toList();
    }
}

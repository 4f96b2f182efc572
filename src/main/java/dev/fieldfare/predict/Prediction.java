package dev.fieldfare.predict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of a picture.
 *
 * @param labels of the classes
 * @param probabilities of the classes, adding up to one: the mean over the looks
 * @param samples how many looks
 * @param entropy of the probabilities in nats: how unsure the model is, 0 to log(classes)
 * @param mutualInformation in nats: how much of the entropy comes from the looks disagreeing with each other, 0 with one
 *     look (Houlsby et al., "Bayesian active learning for classification", 2011, equation 2)
 */
public record Prediction(
        List<String> labels, float[] probabilities, int samples, double entropy, double mutualInformation) {

    /** A class and its probability. */
    public record Ranked(String label, double probability) {}

    /** The prediction that several looks make together; each look is the probabilities of all classes. */
    static Prediction mean(List<String> labels, List<float[]> looks) {
        float[] mean = new float[labels.size()];
        double entropyOfLooks = 0;
        for (float[] look : looks) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += look[c] / looks.size();
            }
            entropyOfLooks += entropy(look) / looks.size();
        }
        double entropy = entropy(mean);
        // The difference cannot be negative (entropy is concave) but for rounding.
        return new Prediction(labels, mean, looks.size(), entropy, Math.max(0, entropy - entropyOfLooks));
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

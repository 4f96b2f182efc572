package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How good a classifier is on labelled pictures. As JSON it is its components by name; figures that the pictures do
 * not define (the precision of a class that was never predicted) are {@code null}, not 0.
 *
 * @param labels names of the classes, in the model's order
 * @param images how many pictures, at least 1
 * @param accuracy share of pictures whose most probable class was the true one, 0 to 1; of equally probable classes
 *     the first counts
 * @param accuracyInterval where the accuracy on ever more such pictures would lie, with 95 % confidence
 * @param top5 share of pictures whose true class was among the five most probable, or null with fewer than six classes
 * @param loss mean negative log likelihood of the true class, natural logarithm, with probabilities below 1e-12 taken
 *     as 1e-12
 * @param ece expected calibration error, 0 to 1: by how much, on average, the probability of the predicted class and
 *     the accuracy differ, over 15 bins of equal width (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern
 *     Neural Networks", ICML 2017, equation 3)
 * @param reliability the 15 bins behind {@code ece}, from 0 upwards
 * @param perClass figures for each class, in the order of the labels
 * @param confusion how often the class of the row (truth) was taken for the class of the column (prediction)
 * @param averaging what each prediction was averaged over, as on the command line; {@code none} for one look
 * @param samples how many looks that were, on average over the pictures, at least 1
 * @param temperature by which these probabilities would be best calibrated, see {@link Temperature}: above 1 the model is
 *     surer than it should be. Null with fewer pictures than {@link TemperatureFit#LEAST_IMAGES}
 * @param unknown how many pictures would be answered with {@link Prediction#UNKNOWN}; what the other figures say is of
 *     the most probable label all the same
 */
public record Evaluation(
        List<String> labels,
        int images,
        double accuracy,
        Interval accuracyInterval,
        @Nullable Double top5,
        double loss,
        double ece,
        List<ReliabilityBin> reliability,
        List<ClassScore> perClass,
        List<List<Integer>> confusion,
        String averaging,
        double samples,
        @Nullable Double temperature,
        int unknown) {
    static final int BINS = 15;
    private static final int TOP = 5;

    public Evaluation {
        labels = List.copyOf(labels);
        reliability = List.copyOf(reliability);
        perClass = List.copyOf(perClass);
        confusion = List.copyOf(confusion);
    }

    /** A confidence interval of a share, both ends 0 to 1. */
    public record Interval(double low, double high) {
        /** The 97.5th percentile of the standard normal distribution. */
        private static final double Z = 1.959963984540054;

        /**
         * The 95 % score interval of a binomial proportion (Wilson, "Probable Inference, the Law of Succession, and
         * Statistical Inference", JASA 22, 1927): with share p of n, its centre is (p + z²/2n) / (1 + z²/n) and its
         * half width z √(p(1 − p)/n + z²/4n²) / (1 + z²/n). Unlike the textbook interval it is right for few pictures
         * and for accuracies near 0 and 1.
         */
        public static Interval wilson(int right, int images) {
            if (images < 1 || right < 0 || right > images) {
                throw new IllegalArgumentException(right + " of " + images + " is not a share");
            }
            double n = images;
            double share = right / n;
            double scale = 1 + Z * Z / n;
            double centre = (share + Z * Z / (2 * n)) / scale;
            double half = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / scale;
            // At the ends the interval closes exactly; rounding must not say otherwise.
            return new Interval(right == 0 ? 0 : centre - half, right == images ? 1 : centre + half);
        }
    }

    /**
     * The pictures whose predicted class had a probability above {@code from} and at most {@code to}.
     *
     * @param confidence mean probability of the predicted class, null without pictures
     * @param accuracy share of the pictures that were right, null without pictures
     */
    public record ReliabilityBin(
            double from,
            double to,
            int images,
            @Nullable Double confidence,
            @Nullable Double accuracy) {}

    /**
     * How well one class is told from the others.
     *
     * @param images pictures of the class
     * @param precision of the pictures predicted as this class, the share that are; null if none was predicted
     * @param recall of the pictures of this class, the share predicted as such; null if there are none
     * @param f1 harmonic mean of both, 2 right / (predicted + images); null if it is 0 / 0
     */
    public record ClassScore(
            String label,
            int images,
            @Nullable Double precision,
            @Nullable Double recall,
            @Nullable Double f1) {}

    /**
     * Computes all figures.
     *
     * @param labels names of the classes
     * @param truth index of the true class of each picture
     * @param probabilities for each picture, one probability for each class, averaged over the looks
     * @param averaging what {@link #averaging} says
     * @param samples what {@link #samples} says
     * @throws FieldfareException without pictures, or if a value is no probability
     */
    public static Evaluation of(
            List<String> labels, int[] truth, List<float[]> probabilities, String averaging, double samples) {
        if (truth.length != probabilities.size()) {
            throw new IllegalArgumentException(
                    truth.length + " true classes for the predictions of " + probabilities.size() + " pictures");
        }
        if (truth.length == 0) {
            throw new FieldfareException("there is no picture to evaluate the model on; at least one is needed");
        }
        int classes = labels.size();
        int[][] confusion = new int[classes][classes];
        var calibration = new Calibration(BINS);
        int right = 0;
        int near = 0;
        double loss = 0;
        for (int i = 0; i < truth.length; i++) {
            float[] picture = probabilities.get(i);
            Scores.check(picture, truth[i], classes, i);
            int best = Scores.best(picture);
            confusion[truth[i]][best]++;
            right += best == truth[i] ? 1 : 0;
            near += Scores.rank(picture, truth[i]) < TOP ? 1 : 0;
            loss += Scores.loss(picture, truth[i]);
            calibration.add(picture[best], best == truth[i]);
        }
        double images = truth.length;
        return new Evaluation(
                labels,
                truth.length,
                right / images,
                Interval.wilson(right, truth.length),
                classes > TOP ? near / images : null,
                loss / images,
                calibration.error(),
                calibration.bins(),
                scores(labels, confusion),
                Arrays.stream(confusion)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList(),
                averaging,
                samples,
                truth.length < TemperatureFit.LEAST_IMAGES
                        ? null
                        : Temperature.fit(probabilities.stream().map(List::of).toList(), truth),
                0);
    }

    /** The same of a model that does not know so many of the pictures. */
    public Evaluation withUnknown(int count) {
        return new Evaluation(
                labels,
                images,
                accuracy,
                accuracyInterval,
                top5,
                loss,
                ece,
                reliability,
                perClass,
                confusion,
                averaging,
                samples,
                temperature,
                count);
    }

    /** The probability of the most probable class. */
    public static double probability(float[] probabilities) {
        return probabilities[Scores.best(probabilities)];
    }

    /** How many pictures were classified rightly. */
    public int right() {
        int right = 0;
        for (int i = 0; i < confusion.size(); i++) {
            right += confusion.get(i).get(i);
        }
        return right;
    }

    private static List<ClassScore> scores(List<String> labels, int[][] confusion) {
        List<ClassScore> scores = new ArrayList<>();
        for (int label = 0; label < confusion.length; label++) {
            int right = confusion[label][label];
            int images = 0;
            int predicted = 0;
            for (int other = 0; other < confusion.length; other++) {
                images += confusion[label][other];
                predicted += confusion[other][label];
            }
            scores.add(new ClassScore(
                    labels.get(label),
                    images,
                    share(right, predicted),
                    share(right, images),
                    share(2 * right, predicted + images)));
        }
        return scores;
    }

    private static @Nullable Double share(int part, int whole) {
        return whole == 0 ? null : part / (double) whole;
    }
}

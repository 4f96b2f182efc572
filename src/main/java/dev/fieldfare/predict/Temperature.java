package dev.fieldfare.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017, section
 * 4.2): probabilities {@code softmax(logits / T)}, that is {@code p^(1/T)} normalized. It changes how sure a model is,
 * never which class it finds most probable. Above 1, all become more alike; below 1, the largest grows.
 *
 * <p>T minimizes the negative log likelihood of pictures that did not train the model, plus {@code (ln T)² / (2 · 0.5²)}:
 * it is the most probable T where {@code ln T} is normally distributed about 0 with a deviation of 0.5 to begin with.
 * Without that, a handful of pictures on which the model is right every time would ask for T = 0.
 */
public final class Temperature {
    /** No other temperature is considered. */
    static final double LEAST = 0.25;

    static final double MOST = 4;

    /** Of {@code ln T}, before any picture is seen: most networks lie within twice this of 0. */
    private static final double PRIOR_DEVIATION = 0.5;

    /** The likelihood of a mean of looks may have several minima: so many places are tried first. */
    private static final int PLACES = 17;

    private static final double PRECISION = 1e-4;

    private static final int FOLDS = 5;

    /** What a probability of exactly zero counts as: less is no number that a float holds at full precision. */
    private static final double LEAST_LOG = Math.log(Float.MIN_NORMAL);

    private Temperature() {}

    /** The same picture's probabilities at a temperature. */
    public static float[] temper(float[] probabilities, double temperature) {
        if (temperature == 1) {
            return probabilities;
        }
        double[] powers = new double[probabilities.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < powers.length; c++) {
            powers[c] = log(probabilities[c]) / temperature;
            largest = Math.max(largest, powers[c]);
        }
        double sum = 0;
        for (int c = 0; c < powers.length; c++) {
            powers[c] = Math.exp(powers[c] - largest);
            sum += powers[c];
        }
        float[] tempered = new float[powers.length];
        for (int c = 0; c < powers.length; c++) {
            tempered[c] = (float) (powers[c] / sum);
        }
        return tempered;
    }

    /**
     * The temperature at which the mean of the tempered looks is most likely right.
     *
     * @param looks of each picture, at least one, each the probabilities of all classes
     * @param truth index of the true class of each picture
     * @return 0.25 to 4, rounded to thousandths so that it reads well; 1 without pictures
     */
    public static double fit(List<List<float[]>> looks, int[] truth) {
        if (looks.size() != truth.length) {
            throw new IllegalArgumentException(truth.length + " true classes for " + looks.size() + " pictures");
        }
        List<float[][]> logs = logs(looks);
        return minimum(logs, truth, IntStream.range(0, truth.length).toArray());
    }

    /**
     * What each picture's looks become at a temperature that was fitted without it: pictures are divided into five
     * parts, picture by picture in turn, and each part gets the temperature of the other four. Figures of the result are
     * those that new pictures can expect.
     *
     * @return the mean of the tempered looks, for each picture
     */
    public static List<float[]> crossFitted(List<List<float[]>> looks, int[] truth) {
        List<float[][]> logs = logs(looks);
        double[] temperatures = new double[FOLDS];
        for (int fold = 0; fold < FOLDS; fold++) {
            int left = fold;
            temperatures[fold] = minimum(
                    logs,
                    truth,
                    IntStream.range(0, truth.length)
                            .filter(i -> i % FOLDS != left)
                            .toArray());
        }
        List<float[]> means = new ArrayList<>();
        for (int i = 0; i < truth.length; i++) {
            double temperature = temperatures[i % FOLDS];
            means.add(mean(
                    looks.get(i).stream().map(look -> temper(look, temperature)).toList()));
        }
        return means;
    }

    static float[] mean(List<float[]> looks) {
        float[] mean = new float[looks.getFirst().length];
        for (float[] look : looks) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += look[c] / looks.size();
            }
        }
        return mean;
    }

    private static double minimum(List<float[][]> logs, int[] truth, int[] pictures) {
        DoubleUnaryOperator loss = logT -> {
            double sum = logT * logT / (2 * PRIOR_DEVIATION * PRIOR_DEVIATION);
            for (int i : pictures) {
                sum += loss(logs.get(i), truth[i], Math.exp(-logT));
            }
            return sum;
        };
        double low = Math.log(LEAST);
        double step = (Math.log(MOST) - low) / (PLACES - 1);
        double[] losses = IntStream.range(0, PLACES)
                .mapToDouble(i -> loss.applyAsDouble(low + i * step))
                .toArray();
        int best = IntStream.range(0, PLACES).reduce(0, (a, b) -> losses[b] < losses[a] ? b : a);
        double from = low + Math.max(0, best - 1) * step;
        double to = low + Math.min(PLACES - 1, best + 1) * step;
        return Math.rint(1000 * Math.exp(goldenSection(loss, from, to))) / 1000;
    }

    /** The minimum of a function between two places (Kiefer, "Sequential minimax search for a maximum", 1953). */
    private static double goldenSection(DoubleUnaryOperator function, double from, double to) {
        double ratio = (Math.sqrt(5) - 1) / 2;
        double low = from;
        double high = to;
        double left = high - ratio * (high - low);
        double right = low + ratio * (high - low);
        double atLeft = function.applyAsDouble(left);
        double atRight = function.applyAsDouble(right);
        while (high - low > PRECISION) {
            if (atLeft <= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - ratio * (high - low);
                atLeft = function.applyAsDouble(left);
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + ratio * (high - low);
                atRight = function.applyAsDouble(right);
            }
        }
        return (low + high) / 2;
    }

    /** Negative log likelihood of the truth in the mean of the looks, each at the inverse temperature. */
    private static double loss(float[][] looks, int truth, double inverse) {
        if (looks.length == 1) {
            return -logOfTruth(looks[0], truth, inverse);
        }
        double sum = 0;
        for (float[] look : looks) {
            sum += Math.exp(logOfTruth(look, truth, inverse));
        }
        return -Math.log(Math.max(Double.MIN_NORMAL, sum / looks.length));
    }

    private static double logOfTruth(float[] logs, int truth, double inverse) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float log : logs) {
            largest = Math.max(largest, log);
        }
        double sum = 0;
        for (float log : logs) {
            sum += Math.exp((log - largest) * inverse);
        }
        return (logs[truth] - largest) * inverse - Math.log(sum);
    }

    private static List<float[][]> logs(List<List<float[]>> looks) {
        return looks.stream()
                .map(some -> some.stream().map(Temperature::logs).toArray(float[][]::new))
                .toList();
    }

    private static float[] logs(float[] probabilities) {
        float[] logs = new float[probabilities.length];
        for (int c = 0; c < logs.length; c++) {
            logs[c] = (float) log(probabilities[c]);
        }
        return logs;
    }

    private static double log(float probability) {
        return probability > Float.MIN_NORMAL ? Math.log(probability) : LEAST_LOG;
    }
}

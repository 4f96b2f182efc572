package dev.fieldfare.predict;

import java.util.List;

/**
 * A temperature that was fitted, and what it is good for. The figures after it are cross-fitted: each picture's come from
 * a temperature that other pictures gave.
 *
 * @param averaging the looks that it is for, as on the command line
 * @param temperature see {@link Temperature}
 * @param images how many pictures gave it
 * @param lossBefore mean negative log likelihood at a temperature of 1, as in {@link Evaluation#loss}
 * @param lossAfter the same at the fitted temperature
 * @param eceBefore expected calibration error at a temperature of 1, as in {@link Evaluation#ece}
 * @param eceAfter the same at the fitted temperature
 */
public record TemperatureFit(
        String averaging,
        double temperature,
        int images,
        double lossBefore,
        double lossAfter,
        double eceBefore,
        double eceAfter) {
    /** Fewer pictures say too little: nothing is fitted to them. */
    public static final int LEAST_IMAGES = 20;

    /**
     * Fits.
     *
     * @param looks of each picture, each the probabilities of all classes; what they mean is their mean
     * @param truth index of the true class of each picture
     */
    public static TemperatureFit of(String averaging, List<List<float[]>> looks, int[] truth) {
        List<float[]> before = looks.stream().map(Temperature::mean).toList();
        List<float[]> after = Temperature.crossFitted(looks, truth);
        return new TemperatureFit(
                averaging,
                Temperature.fit(looks, truth),
                truth.length,
                loss(before, truth),
                loss(after, truth),
                error(before, truth),
                error(after, truth));
    }

    private static double loss(List<float[]> probabilities, int[] truth) {
        double sum = 0;
        for (int i = 0; i < truth.length; i++) {
            sum += Scores.loss(probabilities.get(i), truth[i]);
        }
        return sum / truth.length;
    }

    private static double error(List<float[]> probabilities, int[] truth) {
        Calibration calibration = new Calibration(Evaluation.BINS);
        for (int i = 0; i < truth.length; i++) {
            float[] picture = probabilities.get(i);
            int best = Scores.best(picture);
            calibration.add(picture[best], best == truth[i]);
        }
        return calibration.error();
    }
}

package dev.fieldfare.predict;

import dev.fieldfare.predict.Evaluation.ReliabilityBin;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers how often predictions of each confidence are right, in bins of equal width, open below and closed above
 * (Guo et al. 2017, section 2).
 */
final class Calibration {
    private final int[] images;
    private final int[] right;
    private final double[] confidence;

    Calibration(int bins) {
        images = new int[bins];
        right = new int[bins];
        confidence = new double[bins];
    }

    void add(double probability, boolean wasRight) {
        // Just above 1 can be rounding in the model's softmax, and 0 exactly belongs to no half-open bin.
        int bin = Math.clamp((int) Math.ceil(probability * images.length) - 1, 0, images.length - 1);
        images[bin]++;
        right[bin] += wasRight ? 1 : 0;
        confidence[bin] += probability;
    }

    /** Expected calibration error: |accuracy − confidence| of the bins, weighted by their pictures. */
    double error() {
        double gap = 0;
        int total = 0;
        for (int i = 0; i < images.length; i++) {
            gap += Math.abs(right[i] - confidence[i]);
            total += images[i];
        }
        return total == 0 ? 0 : gap / total;
    }

    List<ReliabilityBin> bins() {
        List<ReliabilityBin> bins = new ArrayList<>();
        double width = images.length;
        for (int i = 0; i < images.length; i++) {
            int n = images[i];
            bins.add(new ReliabilityBin(
                    i / width,
                    (i + 1) / width,
                    n,
                    n == 0 ? null : confidence[i] / n,
                    n == 0 ? null : right[i] / (double) n));
        }
        return bins;
    }
}

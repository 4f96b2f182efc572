package dev.fieldfare.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A picture whose label may be wrong.
 *
 * @param file where it lies
 * @param label that it has
 * @param looksLike the label that trainings without it give it
 * @param probability of that, 0 to 1
 */
public record Suspect(Path file, String label, String looksLike, double probability) {

    /**
     * Finds them by confident learning (Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in
     * dataset labels", JAIR 70, 2021, section 3.1): those that look like another label at least as much as the pictures
     * of that label do in the mean.
     *
     * @param answers on each picture, of a model that it did not train
     * @return the surest first
     */
    static List<Suspect> among(Answers answers, List<LabelledPicture> pictures, List<String> labels) {
        double[] sums = new double[labels.size()];
        int[] counts = new int[labels.size()];
        int[] truth = answers.truth();
        for (int i = 0; i < truth.length; i++) {
            sums[truth[i]] += answers.ofTruth()[i];
            counts[truth[i]]++;
        }
        double[] expected = new double[labels.size()];
        Arrays.setAll(expected, c -> counts[c] == 0 ? 1 : sums[c] / counts[c]);
        List<Suspect> suspects = new ArrayList<>();
        for (int i = 0; i < truth.length; i++) {
            int other = answers.predicted()[i];
            double confidence = answers.confidence()[i];
            if (other != truth[i] && confidence >= expected[other]) {
                suspects.add(new Suspect(pictures.get(i).file(), labels.get(truth[i]), labels.get(other), confidence));
            }
        }
        suspects.sort(Comparator.comparingDouble(suspect -> -suspect.probability()));
        return suspects;
    }
}

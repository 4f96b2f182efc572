package dev.fieldfare.tune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What was found of some settings, with so much effort.
 *
 * @param candidate number of the settings; 0 are those that were there before
 * @param phase what it was tried for: {@code coarse}, {@code refine 1}, {@code judge}, {@code simplify}
 * @param values what differs from the settings that were there before, by key
 * @param effort share of its epochs that each training took, above 0 and up to 1
 * @param foldLosses mean negative log likelihood of each fold's measuring pictures, natural logarithm, calibrated, where no
 *     picture counts more than {@link PictureLosses#MOST}; none where training diverged
 * @param pictureLosses the same of each picture, by fold, to four places
 * @param foldAccuracies share of them that was right, 0 to 1
 * @param trainLosses of each epoch, the mean over the folds, as it was minimized
 * @param validationLosses of each epoch, likewise
 * @param trainAccuracy of the last epoch, likewise, 0 to 1
 * @param seconds it took, on one thread
 */
public record Trial(
        int candidate,
        String phase,
        Map<String, Object> values,
        double effort,
        List<Double> foldLosses,
        List<? extends List<Double>> pictureLosses,
        List<Double> foldAccuracies,
        List<Double> trainLosses,
        List<Double> validationLosses,
        double trainAccuracy,
        double seconds) {
    /** Nothing yet. */
    static final Trial NONE =
            new Trial(0, "", Map.of(), 1, List.of(), List.of(), List.of(), List.of(), List.of(), 0, 0);

    public Trial {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        foldLosses = List.copyOf(foldLosses);
        pictureLosses = pictureLosses.stream().map(PictureLosses::of).toList();
        foldAccuracies = List.copyOf(foldAccuracies);
        trainLosses = List.copyOf(trainLosses);
        validationLosses = List.copyOf(validationLosses);
    }

    /** The same settings, meant for all of their epochs. */
    Trial inFull() {
        return new Trial(
                candidate,
                phase,
                values,
                1,
                foldLosses,
                pictureLosses,
                foldAccuracies,
                trainLosses,
                validationLosses,
                trainAccuracy,
                seconds);
    }

    /** Whether training came to no number on some fold. */
    public boolean diverged() {
        return foldLosses.isEmpty();
    }

    /** The mean over the folds; infinite where training diverged. */
    public double loss() {
        return foldLosses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.POSITIVE_INFINITY);
    }

    /** The mean over the first so many folds. */
    double loss(int folds) {
        return foldLosses.stream()
                .limit(folds)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** The mean over the folds, 0 to 1. */
    public double accuracy() {
        return foldAccuracies.stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(0);
    }

    /**
     * How much higher its loss is than another's, on the folds that both were measured on.
     *
     * @param folds of one round of cross-validation
     */
    Difference minus(Trial other, int folds) {
        if (diverged() || other.diverged()) {
            return new Difference(diverged() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY, 0);
        }
        int common = Math.min(foldLosses.size(), other.foldLosses.size());
        double[] ofFolds = IntStream.range(0, common)
                .mapToDouble(i -> foldLosses.get(i) - other.foldLosses.get(i))
                .toArray();
        double[] ofPictures = IntStream.range(0, common)
                .boxed()
                .flatMapToDouble(i -> IntStream.range(0, pictureLosses.get(i).size())
                        .mapToDouble(picture -> pictureLosses.get(i).get(picture)
                                - other.pictureLosses.get(i).get(picture)))
                .toArray();
        return Difference.of(ofFolds, ofPictures, folds);
    }
}

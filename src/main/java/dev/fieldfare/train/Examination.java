package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.Prediction;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a model, in its finished file, says of pictures whose labels are known.
 *
 * @param pictures that could be looked at
 * @param truth label of each of them
 * @param seen by the ways of looking that were asked for
 */
record Examination(List<String> labels, List<LabelledPicture> pictures, int[] truth, Map<Averaging, Seen> seen) {
    /** What was seen in one way of looking. */
    private static final class Seen {
        /** Of each picture, in the order of the labels. */
        private final List<float[]> probabilities = new ArrayList<>();

        private long looks;

        void add(Prediction prediction, int[] column) {
            float[] ordered = new float[column.length];
            for (int c = 0; c < column.length; c++) {
                ordered[c] = prediction.probabilities()[column[c]];
            }
            probabilities.add(ordered);
            looks += prediction.samples();
        }
    }

    /** Whether a model can be examined on these labels: it knows exactly these, in any order. */
    static boolean knows(ClassifierModel model, List<String> labels) {
        return model.labels().size() == labels.size()
                && Set.copyOf(model.labels()).equals(Set.copyOf(labels));
    }

    /**
     * Looks at every picture, once for each way of looking. Each picture is decoded once; one that cannot be is skipped
     * and named.
     */
    static Examination of(
            List<ClassifierModel> models,
            List<String> labels,
            List<LabelledPicture> pictures,
            List<Averaging> ways,
            int threads,
            InstantSource clock,
            String task,
            Progress progress) {
        int[] column =
                labels.stream().mapToInt(models.getFirst().labels()::indexOf).toArray();
        Map<Averaging, Seen> all = new LinkedHashMap<>();
        ways.forEach(way -> all.put(way, new Seen()));
        List<LabelledPicture> usable = new ArrayList<>();
        try (Classifier classifier = Classifier.open(models, ways.getFirst(), threads, clock);
                Progress.Task bar = progress.start(task, pictures.size())) {
            for (int i = 0; i < pictures.size(); i++) {
                bar.at(i + 1, "");
                Picture picture;
                try {
                    picture = PictureReader.read(pictures.get(i).file(), classifier.wantedShortSide());
                } catch (FieldfareException broken) {
                    progress.note("skipped: " + broken.getMessage());
                    continue;
                }
                usable.add(pictures.get(i));
                all.forEach((way, looked) -> looked.add(classifier.predict(picture, way), column));
            }
        }
        return new Examination(
                labels, usable, usable.stream().mapToInt(LabelledPicture::label).toArray(), all);
    }

    Evaluation evaluation(Averaging way) {
        double samples = (double) seenBy(way).looks / Math.max(1, truth.length);
        return Evaluation.of(labels, truth, looks(way), way.spec(), samples);
    }

    List<float[]> looks(Averaging way) {
        return seenBy(way).probabilities;
    }

    private Seen seenBy(Averaging way) {
        return Objects.requireNonNull(seen.get(way), way.spec());
    }
}

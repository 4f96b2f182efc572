package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Evaluation;
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
 * @param probabilities of each picture, by the ways of looking that were asked for, in the order of {@code labels}
 */
record Examination(
        List<String> labels, List<LabelledPicture> pictures, int[] truth, Map<Averaging, List<float[]>> probabilities) {

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
            ClassifierModel model,
            List<String> labels,
            List<LabelledPicture> pictures,
            List<Averaging> ways,
            int threads,
            String task,
            Progress progress) {
        int[] column = labels.stream().mapToInt(model.labels()::indexOf).toArray();
        Map<Averaging, List<float[]>> all = new LinkedHashMap<>();
        ways.forEach(way -> all.put(way, new ArrayList<>()));
        List<LabelledPicture> seen = new ArrayList<>();
        try (Classifier classifier = Classifier.open(model, threads);
                Progress.Task bar = progress.start(task, pictures.size())) {
            for (int i = 0; i < pictures.size(); i++) {
                bar.at(i + 1, "");
                Picture picture;
                try {
                    picture = PictureReader.read(
                            pictures.get(i).file(), model.preprocessing().wantedShortSide());
                } catch (FieldfareException broken) {
                    progress.note("skipped: " + broken.getMessage());
                    continue;
                }
                seen.add(pictures.get(i));
                all.forEach((way, list) -> {
                    float[] given = classifier.predict(picture, way).probabilities();
                    float[] ordered = new float[column.length];
                    for (int c = 0; c < column.length; c++) {
                        ordered[c] = given[column[c]];
                    }
                    list.add(ordered);
                });
            }
        }
        return new Examination(
                labels, seen, seen.stream().mapToInt(LabelledPicture::label).toArray(), all);
    }

    Evaluation evaluation(Averaging way) {
        return Evaluation.of(labels, truth, looks(way), way.spec());
    }

    List<float[]> looks(Averaging way) {
        return Objects.requireNonNull(probabilities.get(way), way.spec());
    }
}

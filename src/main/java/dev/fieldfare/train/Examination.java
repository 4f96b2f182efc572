package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.Prediction;
import dev.fieldfare.predict.Temperature;
import dev.fieldfare.predict.TemperatureFit;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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

        /** How many there were of each picture. */
        private final List<Integer> samples = new ArrayList<>();

        private final List<Double> distances = new ArrayList<>();
        private int unknown;

        void add(Prediction prediction, int[] column) {
            float[] ordered = new float[column.length];
            for (int c = 0; c < column.length; c++) {
                ordered[c] = prediction.probabilities()[column[c]];
            }
            probabilities.add(ordered);
            samples.add(prediction.samples());
            distances.add(prediction.distance());
            unknown += prediction.isUnknown() ? 1 : 0;
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
            each(pictures, classifier, bar, progress, (labelled, picture) -> {
                usable.add(labelled);
                all.forEach((way, looked) -> looked.add(classifier.predict(picture, way), column));
            });
        }
        return new Examination(
                labels, usable, usable.stream().mapToInt(LabelledPicture::label).toArray(), all);
    }

    /** Hands on every picture that can be decoded; the others are named. */
    private static void each(
            List<LabelledPicture> pictures,
            Classifier classifier,
            Progress.Task bar,
            Progress progress,
            BiConsumer<LabelledPicture, Picture> viewer) {
        for (int i = 0; i < pictures.size(); i++) {
            bar.at(i + 1, "");
            Picture picture;
            try {
                picture = OneAtATime.read(pictures.get(i).file(), classifier.wantedShortSide());
            } catch (FieldfareException broken) {
                progress.note("skipped: " + broken.getMessage());
                continue;
            }
            viewer.accept(pictures.get(i), picture);
        }
    }

    /**
     * The temperature that would calibrate a model, and what it would be good for.
     *
     * @param way one look, or one for each member
     */
    static TemperatureFit calibrate(
            ClassifierModel model,
            List<LabelledPicture> pictures,
            Averaging way,
            int threads,
            InstantSource clock,
            Progress progress) {
        List<List<float[]>> looks = new ArrayList<>();
        List<Integer> truth = new ArrayList<>();
        try (Classifier classifier = Classifier.open(model, way, threads, clock);
                Progress.Task bar = progress.start("calibrating the new model", pictures.size())) {
            each(pictures, classifier, bar, progress, (labelled, picture) -> {
                looks.add(classifier.looks(picture, way));
                truth.add(labelled.label());
            });
        }
        return TemperatureFit.of(
                way.spec(), looks, truth.stream().mapToInt(Integer::intValue).toArray());
    }

    /** The temperature that would calibrate the mean of several looks; a single look counts as calibrated. */
    Optional<TemperatureFit> calibrate(Averaging way) {
        Seen looked = seenBy(way);
        int[] averaged = IntStream.range(0, truth.length)
                .filter(i -> looked.samples.get(i) > 1)
                .toArray();
        if (averaged.length < TemperatureFit.LEAST_IMAGES) {
            return Optional.empty();
        }
        return Optional.of(TemperatureFit.of(
                way.spec(),
                Arrays.stream(averaged)
                        .mapToObj(i -> List.of(looked.probabilities.get(i)))
                        .toList(),
                Arrays.stream(averaged).map(i -> truth[i]).toArray()));
    }

    /**
     * What the same model says with another card.
     *
     * @param averaged the looks that the card's temperature is for
     */
    Examination with(ModelCard.@Nullable Calibration calibration, ModelCard.Unknown unknown, Averaging averaged) {
        Map<Averaging, Seen> all = new LinkedHashMap<>();
        seen.forEach((way, before) -> {
            Seen after = new Seen();
            double temperature = calibration != null && way.equals(averaged) ? calibration.temperature() : 1;
            for (int i = 0; i < truth.length; i++) {
                float[] mean = before.probabilities.get(i);
                int samples = before.samples.get(i);
                float[] said = samples > 1 ? Temperature.temper(mean, temperature) : mean;
                double distance = before.distances.get(i);
                after.probabilities.add(said);
                after.samples.add(samples);
                after.distances.add(distance);
                after.unknown += unknown.doubts(Evaluation.probability(said), distance) ? 1 : 0;
            }
            all.put(way, after);
        });
        return new Examination(labels, pictures, truth, all);
    }

    /** How far each picture is from the training pictures; NaN where the model cannot say. */
    double[] distances(Averaging way) {
        return seenBy(way).distances.stream().mapToDouble(Double::doubleValue).toArray();
    }

    Evaluation evaluation(Averaging way) {
        double samples = seenBy(way).samples.stream()
                .mapToInt(Integer::intValue)
                .average()
                .orElse(0);
        return Evaluation.of(labels, truth, looks(way), way.spec(), samples).withUnknown(seenBy(way).unknown);
    }

    List<float[]> looks(Averaging way) {
        return seenBy(way).probabilities;
    }

    private Seen seenBy(Averaging way) {
        return Objects.requireNonNull(seen.get(way), way.spec());
    }
}

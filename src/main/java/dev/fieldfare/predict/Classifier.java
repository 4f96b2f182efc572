package dev.fieldfare.predict;

import dev.fieldfare.image.Pixels;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Ensemble;
import dev.fieldfare.model.ModelCard;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model ready to look at pictures, or several of the same labels, whose looks are averaged together. One picture at a
 * time, one thread at a time; close it when done. What a way of averaging needs besides is loaded when it is first asked
 * for.
 */
public final class Classifier implements AutoCloseable {
    private final List<ClassifierModel> models;
    private final int threads;
    private final InstantSource clock;
    private final ModelCard.@Nullable Calibration calibration;
    /** The looks that the calibration is for; read once and not for every picture. */
    private final @Nullable Averaging calibrated;

    private final ModelCard.Unknown unknown;
    private final Map<Form, Looker> lookers = new HashMap<>();

    /** What decides how the graph is laid out; windows and mirrors do not. */
    private record Form(int model, Map<String, Integer> noises, boolean members, boolean mayStop) {
        static Form of(int model, Averaging averaging) {
            boolean sampled = !averaging.noises().isEmpty();
            return new Form(
                    model,
                    averaging.noises(),
                    averaging.members(),
                    sampled && !averaging.stopping().equals(Stopping.ALL));
        }
    }

    private Classifier(List<ClassifierModel> models, int threads, InstantSource clock) {
        this.models = List.copyOf(models);
        this.threads = threads;
        this.clock = clock;
        // What was fitted to the looks of one model says nothing of those of several.
        this.calibration = models.size() == 1 ? models.getFirst().card().calibration() : null;
        this.calibrated = calibration == null ? null : Averaging.parse(calibration.average());
        this.unknown = models.getFirst().card().unknown();
    }

    /**
     * Loads the model.
     *
     * @param averaging how it will be looked with at first
     * @param clock by which time limits count
     * @throws dev.fieldfare.FieldfareException if ONNX Runtime refuses it, or it has nothing in it of what is to be
     *     averaged over
     */
    public static Classifier open(ClassifierModel model, Averaging averaging, int threads, InstantSource clock) {
        return open(List.of(model), averaging, threads, clock);
    }

    /**
     * Loads models that look at every picture, each as its own card says.
     *
     * @throws dev.fieldfare.FieldfareException besides, if they do not know the same labels in the same order
     */
    public static Classifier open(List<ClassifierModel> models, Averaging averaging, int threads, InstantSource clock) {
        ClassifierModel first = models.getFirst();
        for (ClassifierModel model : models) {
            Ensemble.requireSameLabels(first, model);
        }
        Classifier classifier = new Classifier(models, threads, clock);
        for (int i = 0; i < models.size(); i++) {
            classifier.looker(i, averaging);
        }
        return classifier;
    }

    public List<String> labels() {
        return models.getFirst().labels();
    }

    /** What to ask for of a picture's file, so that every model has the pixels that it wants. */
    public int wantedShortSide() {
        return models.stream()
                .mapToInt(model -> model.preprocessing().wantedShortSide())
                .max()
                .orElseThrow();
    }

    private Looker looker(int model, Averaging averaging) {
        return lookers.computeIfAbsent(
                Form.of(model, averaging), form -> Looker.open(models.get(model), averaging, threads));
    }

    /**
     * Looks at a picture as often as asked, or until it is enough, and returns the mean: calibrated, where the model's
     * card says how for these looks.
     */
    public Prediction predict(Pixels picture, Averaging averaging) {
        Looks looks = look(picture, averaging);
        return Prediction.mean(labels(), looks.probabilities(), temperature(averaging))
                .judged(looks.distance(), unknown);
    }

    private double temperature(Averaging averaging) {
        return calibration != null && calibrated != null && calibrated.isOverTheSame(averaging)
                ? calibration.temperature()
                : 1;
    }

    /** Looks at a picture as often as asked, or until it is enough; each look is the probabilities of all classes. */
    public List<float[]> looks(Pixels picture, Averaging averaging) {
        return look(picture, averaging).probabilities();
    }

    /**
     * Looks at a picture.
     *
     * @param distance that the first look saw, which is the middle of the picture in any way of averaging: by such looks
     *     the card's limit was found
     */
    private record Looks(List<float[]> probabilities, double distance) {}

    private Looks look(Pixels picture, Averaging averaging) {
        List<float[]> looks = new ArrayList<>();
        double distance = Double.NaN;
        Instant start = clock.instant();
        Instant before = start;
        for (int model = 0; model < models.size(); model++) {
            Looker looker = looker(model, averaging);
            List<View> views = averaging.views(models.get(model).preprocessing());
            for (int view = 0; view < views.size(); view++) {
                looker.turnTo(picture, views.get(view));
                for (int first = 0; first < averaging.samples(); first += looker.samplesAtOnce()) {
                    int count = Math.min(looker.samplesAtOnce(), averaging.samples() - first);
                    looks.addAll(looker.sample(view, first, count));
                    if (view == 0 && first == 0 && models.size() == 1) {
                        distance = looker.distance();
                    }
                    Instant now = clock.instant();
                    if (averaging
                            .stopping()
                            .isEnough(looks, Duration.between(start, now), Duration.between(before, now))) {
                        return new Looks(looks, distance);
                    }
                    before = now;
                }
            }
        }
        return new Looks(looks, distance);
    }

    /** Runs the model on a tensor that is prepared already, and returns its output as it is. */
    float[] raw(float[] prepared) {
        return looker(0, Averaging.NONE).raw(prepared);
    }

    /** Probabilities from logits, safe from overflow: the largest logit is taken from all. */
    public static float[] softmax(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        double[] exponentials = new double[logits.length];
        for (int c = 0; c < logits.length; c++) {
            exponentials[c] = Math.exp(logits[c] - largest);
            sum += exponentials[c];
        }
        float[] probabilities = new float[logits.length];
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = (float) (exponentials[c] / sum);
        }
        return probabilities;
    }

    @Override
    public void close() {
        lookers.values().forEach(Looker::close);
    }
}

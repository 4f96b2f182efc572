package dev.fieldfare.predict;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model ready to look at pictures. One picture at a time, one thread at a time; close it when done. What a way of
 * averaging needs besides is loaded when it is first asked for.
 */
public final class Classifier implements AutoCloseable {
    private final ClassifierModel model;
    private final int threads;
    private final InstantSource clock;
    private final Map<Form, Looker> lookers = new HashMap<>();

    /** What decides how the graph is laid out; windows and mirrors do not. */
    private record Form(Map<String, Integer> noises, boolean members, boolean mayStop) {
        static Form of(Averaging averaging) {
            boolean sampled = !averaging.noises().isEmpty();
            return new Form(
                    averaging.noises(),
                    averaging.members(),
                    sampled && !averaging.stopping().equals(Stopping.ALL));
        }
    }

    private Classifier(ClassifierModel model, int threads, InstantSource clock) {
        this.model = model;
        this.threads = threads;
        this.clock = clock;
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
        Classifier classifier = new Classifier(model, threads, clock);
        classifier.looker(averaging);
        return classifier;
    }

    public ClassifierModel model() {
        return model;
    }

    private Looker looker(Averaging averaging) {
        return lookers.computeIfAbsent(Form.of(averaging), form -> Looker.open(model, averaging, threads));
    }

    /** Looks at a picture as often as asked, or until it is enough, and returns the mean. */
    public Prediction predict(Picture picture, Averaging averaging) {
        return Prediction.mean(model.labels(), looks(picture, averaging));
    }

    private List<float[]> looks(Picture picture, Averaging averaging) {
        Looker looker = looker(averaging);
        List<View> views = averaging.views(model.preprocessing());
        List<float[]> looks = new ArrayList<>();
        Instant start = clock.instant();
        Instant before = start;
        for (int view = 0; view < views.size(); view++) {
            looker.turnTo(picture, views.get(view));
            for (int first = 0; first < averaging.samples(); first += looker.samplesAtOnce()) {
                int count = Math.min(looker.samplesAtOnce(), averaging.samples() - first);
                looks.addAll(looker.sample(view, first, count));
                Instant now = clock.instant();
                if (averaging.stopping().isEnough(looks, Duration.between(start, now), Duration.between(before, now))) {
                    return looks;
                }
                before = now;
            }
        }
        return looks;
    }

    /** Runs the model on a tensor that is prepared already, and returns its output as it is. */
    float[] raw(float[] prepared) {
        return looker(Averaging.NONE).raw(prepared);
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

package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.SampledModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.OperatorSetUpgrade;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model at work: from a view of a picture to looks, each the probabilities of all classes. What comes before the first
 * noise is run once for a view, what comes behind as often as it is sampled, several samples at a time.
 */
final class Looker implements AutoCloseable {
    /** Samples at once, at most: more take memory and save nothing. */
    private static final int MOST_AT_ONCE = 16;

    /** The same where any few may suffice. */
    private static final int AT_ONCE_WHERE_FEW_MAY_DO = 4;

    /** What quantized models may be off by. */
    private static final float ROUNDING = 0.01f;

    /** Draws are the same for every picture, so that the same picture always gets the same answer. */
    private static final Seed SEED = new Seed(0);

    private final ClassifierModel model;
    private final int samples;
    private final Session front;
    private final Tensor input;
    private final Map<String, Tensor> kept = new LinkedHashMap<>();
    private final @Nullable Back back;
    /** Of each output, of which a row is a look. */
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();

    private final @Nullable Tensor distance;

    /** The part that is sampled. */
    private record Back(
            Session session, List<NoiseInput> noise, Map<String, Tensor> inputs, Map<String, Tensor> results) {}

    private Looker(ClassifierModel model, Session session, List<String> looks) {
        this.model = model;
        this.samples = 1;
        this.front = session;
        this.back = null;
        this.input = Tensor.zeros(model.preprocessing().shape());
        this.distance = model.distanceName().map(name -> Tensor.zeros(1, 1)).orElse(null);
        addOutputs(session, looks, 1);
        kept.putAll(outputs);
        keepDistance(kept);
    }

    private Looker(
            ClassifierModel model, SampledModel sampled, List<String> looks, int samples, SessionSettings settings) {
        this.model = model;
        this.samples = samples;
        this.front = Session.open(model.file().toString(), sampled.front(), settings);
        this.input = Tensor.zeros(model.preprocessing().shape());
        Map<String, Tensor> given = new LinkedHashMap<>();
        for (Value value : sampled.kept()) {
            Tensor tensor = Tensor.zeros(Objects.requireNonNull(value.shape(), value.name()));
            given.put(value.name(), tensor);
            // The picture itself, where noise enters at once, comes from no run.
            if (!value.name().equals(model.inputName())) {
                kept.put(value.name(), tensor);
            }
        }
        boolean settled = !sampled.settled().isEmpty();
        this.distance = model.distanceName()
                .map(name -> Tensor.zeros(settled ? 1 : samples, 1))
                .orElse(null);
        if (settled) {
            keepDistance(kept);
        }
        sampled.inputs().forEach(noise -> given.put(noise.name(), Tensor.zeros(noise.shape())));
        Session session = Session.open(model.file().toString(), sampled.back(), settings);
        addOutputs(session, looks, samples);
        Map<String, Tensor> results = new LinkedHashMap<>(outputs);
        if (!settled) {
            keepDistance(results);
        }
        this.back = new Back(session, sampled.inputs(), given, results);
    }

    private void keepDistance(Map<String, Tensor> results) {
        if (distance != null) {
            results.put(model.distanceName().orElseThrow(), distance);
        }
    }

    private void addOutputs(Session session, List<String> looks, int rows) {
        Map<String, @Nullable Shape> shapes = session.outputShapes();
        looks.forEach(name -> outputs.put(
                name,
                Tensor.zeros(outputShape(shapes.get(name), rows, model.labels().size()))));
    }

    /** [rows x classes], or with as many trailing sizes of one as the model declares. */
    private static Shape outputShape(@Nullable Shape declared, int rows, int classes) {
        long[] sizes = new long[declared == null ? 2 : declared.rank()];
        Arrays.fill(sizes, 1);
        sizes[0] = rows;
        sizes[1] = classes;
        return Shape.of(sizes);
    }

    /**
     * Loads a model.
     *
     * @throws FieldfareException if ONNX Runtime refuses it, or it has nothing in it of what is to be averaged over
     */
    static Looker open(ClassifierModel model, Averaging averaging, int threads) {
        SessionSettings settings = SessionSettings.ofThreads(threads);
        if (averaging.noises().isEmpty() && !averaging.members()) {
            return new Looker(model, session(model, settings), List.of(model.outputName()));
        }
        OnnxModel whole = model.forOnePicture();
        List<String> looks = List.of(model.outputName());
        if (averaging.members()) {
            List<Value> members = members(model, averaging);
            looks = members.stream().map(Value::name).toList();
            List<Value> wanted = new ArrayList<>(members);
            model.distanceName().ifPresent(name -> wanted.add(new Value(name, ElementType.FLOAT, null)));
            GraphBuilder builder = GraphBuilder.from(whole.graph());
            builder.setOutputs(wanted);
            builder.prune();
            whole = whole.withGraph(builder.build());
        }
        if (averaging.noises().isEmpty()) {
            OnnxModel settled = NoisyModel.settled(whole, ShapeInference::of);
            return new Looker(model, Session.open(model.file().toString(), settled, settings), looks);
        }
        Set<String> there = NoisyModel.noises(whole.graph());
        for (String noise : averaging.noises().keySet()) {
            if (!there.contains(noise)) {
                throw new FieldfareException("average " + averaging.spec() + ": " + model.file() + " has no " + noise
                        + " in it that could be sampled"
                        + (there.isEmpty() ? "" : "; it has " + String.join(", ", there))
                        + ". Retrain it with noise in it (noise: {dropout: 0.2} in the configuration), or average over"
                        + " views, such as crops:5+flip");
            }
        }
        NoisyModel noisy = NoisyModel.of(
                OperatorSetUpgrade.upgrade(whole), averaging.noises().keySet(), ShapeInference::of);
        int atOnce = atOnce(averaging);
        return new Looker(model, SampledModel.of(noisy, atOnce, ShapeInference::of), looks, atOnce, settings);
    }

    /** So many that few of the last batch are in vain. */
    private static int atOnce(Averaging averaging) {
        int most = averaging.stopping().equals(Stopping.ALL) ? MOST_AT_ONCE : AT_ONCE_WHERE_FEW_MAY_DO;
        int batches = (averaging.samples() + most - 1) / most;
        return (averaging.samples() + batches - 1) / batches;
    }

    private static List<Value> members(ClassifierModel model, Averaging averaging) {
        List<Value> members = model.members();
        if (members.isEmpty()) {
            throw new FieldfareException("average " + averaging.spec() + ": " + model.file()
                    + " is no ensemble; retrain with ensemble: {members: 5} to make one");
        }
        return members;
    }

    private static Session session(ClassifierModel model, SessionSettings settings) {
        if (model.isForeign()) {
            OnnxModel settled = NoisyModel.settled(model.forOnePicture(), ShapeInference::of);
            return Session.open(model.file().toString(), settled, settings);
        }
        // From its file where possible: a graph handed over in memory would lie there twice.
        if (model.isForOnePicture()) {
            return Session.open(model.file(), settings);
        }
        if (model.isOpenInBatchOnly()) {
            return Session.open(model.file(), settings.withDimension(model.batchSymbol(), 1));
        }
        return Session.open(model.file().toString(), model.forOnePicture(), settings);
    }

    /** How many samples {@link #sample} gives at most. */
    int samplesAtOnce() {
        return samples;
    }

    /** Turns to a view of a picture. */
    void turnTo(Pixels picture, View view) {
        model.preprocessing().toTensor(picture, view, input.elements());
        runFront();
    }

    private void runFront() {
        if (!kept.isEmpty()) {
            front.run(Map.of(model.inputName(), input), kept);
        }
        if (back != null && back.inputs().get(model.inputName()) instanceof Tensor direct) {
            direct.elements().put(input.elements());
        }
    }

    /**
     * Samples of what it has turned to, or the one look that there is without noise; of an ensemble as many for each
     * member.
     *
     * @param view number of the view: each has draws of its own
     * @param first number of the first sample
     * @param count how many, at most {@link #samplesAtOnce}
     */
    List<float[]> sample(int view, int first, int count) {
        if (back != null) {
            for (NoiseInput noise : back.noise()) {
                FloatBuffer z =
                        Objects.requireNonNull(back.inputs().get(noise.name())).elements();
                int draws = noise.each() == NoiseInput.Each.STEP ? 1 : samples;
                for (int i = 0; i < draws; i++) {
                    noise.draw(z, SEED, view, first + i);
                }
            }
            back.session().run(back.inputs(), back.results());
        }
        List<float[]> looks = new ArrayList<>();
        for (Tensor output : outputs.values()) {
            FloatBuffer rows = output.elements();
            for (int i = 0; i < count; i++) {
                float[] row = new float[model.labels().size()];
                rows.get(row);
                looks.add(sound(probabilities(row)));
            }
        }
        return looks;
    }

    /**
     * How far what it has turned to, or the first of the latest samples, is from the pictures that trained the model; NaN
     * where that is not known.
     */
    double distance() {
        return distance == null ? Double.NaN : distance.elements().get(0);
    }

    /** A comparison with what is no number is always false: such a model would answer, and always the same. */
    private float[] sound(float[] probabilities) {
        for (float probability : probabilities) {
            if (!(probability >= -ROUNDING && probability <= 1 + ROUNDING)) {
                throw new FieldfareException(model.file() + " answers with " + probability
                        + " where a probability was expected; its weights are damaged, or its card is wrong: output"
                        + " must be logits where the model has no softmax at its end");
            }
        }
        return probabilities;
    }

    private float[] probabilities(float[] numbers) {
        return model.card().output() == ModelCard.Output.PROBABILITIES ? numbers : Classifier.softmax(numbers);
    }

    /** Runs the model on a tensor that is prepared already, and returns its output as it is. */
    float[] raw(float[] prepared) {
        input.elements().put(prepared);
        runFront();
        return outputs.values().iterator().next().toArray();
    }

    @Override
    public void close() {
        front.close();
        input.close();
        outputs.values().forEach(Tensor::close);
        if (distance != null) {
            distance.close();
        }
        if (back != null) {
            back.session().close();
            back.inputs().values().forEach(Tensor::close);
        }
    }
}

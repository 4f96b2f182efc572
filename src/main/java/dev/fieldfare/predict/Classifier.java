package dev.fieldfare.predict;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model ready to look at pictures. One picture at a time, one thread at a time; close it when done. */
public final class Classifier implements AutoCloseable {
    private final ClassifierModel model;
    private final Session session;
    private final Tensor input;
    private final Tensor output;

    private Classifier(ClassifierModel model, Session session, Tensor input, Tensor output) {
        this.model = model;
        this.session = session;
        this.input = input;
        this.output = output;
    }

    /**
     * Loads the model.
     *
     * @throws dev.fieldfare.FieldfareException if ONNX Runtime refuses it
     */
    public static Classifier open(ClassifierModel model, int threads) {
        Session session = session(model, SessionSettings.ofThreads(threads));
        Shape declared = session.outputShapes().get(model.outputName());
        return new Classifier(
                model,
                session,
                Tensor.zeros(model.preprocessing().shape()),
                Tensor.zeros(outputShape(declared, model.labels().size())));
    }

    private static Session session(ClassifierModel model, SessionSettings settings) {
        // From its file where possible: a graph handed over in memory would lie there twice.
        if (model.isForOnePicture()) {
            return Session.open(model.file(), settings);
        }
        if (model.isOpenInBatchOnly()) {
            return Session.open(model.file(), settings.withDimension(model.batchSymbol(), 1));
        }
        return Session.open(model.file().toString(), model.forOnePicture(), settings);
    }

    /** [1 x classes], or with as many trailing sizes of one as the model declares. */
    private static Shape outputShape(@Nullable Shape declared, int classes) {
        long[] sizes = new long[declared == null ? 2 : declared.rank()];
        Arrays.fill(sizes, 1);
        sizes[1] = classes;
        return Shape.of(sizes);
    }

    public ClassifierModel model() {
        return model;
    }

    /** Looks at a picture as often as asked and returns the mean. */
    public Prediction predict(Picture picture, Averaging averaging) {
        List<float[]> looks = new ArrayList<>();
        for (View view : averaging.views(model.preprocessing())) {
            looks.add(look(picture, view));
        }
        return Prediction.mean(model.labels(), looks);
    }

    private float[] look(Picture picture, View view) {
        Preprocessing preprocessing = model.preprocessing();
        preprocessing.toTensor(picture, view, input.elements());
        return probabilities(output());
    }

    /** Runs the model on a tensor that is prepared already, and returns its output as it is. */
    float[] raw(float[] prepared) {
        input.elements().put(prepared);
        return output();
    }

    private float[] output() {
        session.run(Map.of(model.inputName(), input), Map.of(model.outputName(), output));
        return output.toArray();
    }

    private float[] probabilities(float[] numbers) {
        return model.card().output() == ModelCard.Output.PROBABILITIES ? numbers : softmax(numbers);
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
        session.close();
        input.close();
        output.close();
    }
}

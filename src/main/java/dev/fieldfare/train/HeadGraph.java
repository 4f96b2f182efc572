package dev.fieldfare.train;

import dev.fieldfare.autodiff.Differentiation;
import dev.fieldfare.autodiff.SoftmaxCrossEntropy;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.autodiff.WeightPenalty;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.ShapeInference;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last layer as a graph: {@code logits = ((features - mean) * inverseDeviation * z) * weight' + bias}. Features are
 * scaled because backbones differ by orders of magnitude in theirs, and one learning rate should serve all; the scaling
 * is part of a linear layer's input, so the exported weights absorb it exactly (a feature-space trick, not an
 * augmentation of pictures).
 */
final class HeadGraph {
    static final String FEATURES = "features";
    static final String TARGETS = "targets";
    static final String DROPOUT = "dropout";
    static final String WEIGHT = "classifier.weight";
    static final String BIAS = "classifier.bias";
    static final String LOGITS = "logits";
    private static final String LOSS = "loss";

    /** Biases go free: they move the decision, they do not sharpen it. */
    private static final List<String> PENALIZED = List.of(WEIGHT);

    private final int batch;
    private final int classes;
    private final FeatureScaling scaling;
    private final boolean hasDropout;
    private final UpdateRule rule;
    private final OnnxModel forward;
    private final TrainingGraph training;

    HeadGraph(int batch, int classes, FeatureScaling scaling, TrainingSettings settings) {
        this.batch = batch;
        this.classes = classes;
        this.scaling = scaling;
        this.hasDropout = settings.regularization().dropout() > 0;
        this.rule = Optimizers.of(settings.optimizer());
        GraphBuilder look = layer("head", false);
        look.output(Value.ofFloats(LOGITS, batch, classes));
        this.forward = OnnxModel.of(Differentiation.OPERATOR_SET, look.build());
        this.training = training(settings.regularization());
    }

    private GraphBuilder layer(String name, boolean withDropout) {
        GraphBuilder builder = new GraphBuilder(name);
        int width = scaling.mean().length;
        String x = builder.input(Value.ofFloats(FEATURES, batch, width));
        builder.input(Value.ofFloats(WEIGHT, classes, width));
        builder.input(Value.ofFloats(BIAS, classes));
        String mean = builder.initializer("features.mean", TensorData.ofFloats(scaling.mean(), width));
        String inverse = builder.initializer(
                "features.inverseDeviation", TensorData.ofFloats(scaling.inverseDeviation(), width));
        x = builder.apply("Sub", List.of(x, mean));
        x = builder.apply("Mul", List.of(x, inverse));
        if (withDropout) {
            String z = builder.input(Value.ofFloats(DROPOUT, batch, width));
            x = builder.apply("Mul", List.of(x, z));
        }
        builder.apply(LOGITS, "Gemm", List.of(x, WEIGHT, BIAS), Map.of("transB", Attribute.of(1)));
        return builder;
    }

    private TrainingGraph training(TrainingSettings.Regularization regularization) {
        GraphBuilder builder = layer("training of the head", hasDropout);
        builder.input(Value.ofFloats(TARGETS, batch, classes));
        SoftmaxCrossEntropy.emit(builder, LOGITS, TARGETS, LOSS);
        builder.output(Value.ofFloats(LOSS));
        builder.output(Value.ofFloats(LOGITS, batch, classes));
        OnnxModel model = OnnxModel.of(Differentiation.OPERATOR_SET, builder.build());
        WeightPenalty penalty =
                new WeightPenalty((float) regularization.l2(), (float) regularization.l1(), Set.copyOf(PENALIZED));
        return TrainingGraph.of(
                new TrainingGraph.Forward(model, ShapeInference.of(model), LOSS, List.of(WEIGHT, BIAS)),
                new Updates(rule, false, penalty, 0, Map.of()));
    }

    /** The weights for features as they come from the trunk: {@code w / deviation}, {@code b - w * mean / deviation}. */
    HeadTrainer.Trained unscaled(
            float[] weight, float[] bias, List<TrainingReport.Epoch> epochs, TrainingReport.Best best, String stopped) {
        int width = scaling.mean().length;
        float[] newWeight = new float[weight.length];
        float[] newBias = new float[bias.length];
        for (int c = 0; c < classes; c++) {
            double shift = 0;
            for (int f = 0; f < width; f++) {
                double scaled = (double) weight[c * width + f] * scaling.inverseDeviation()[f];
                newWeight[c * width + f] = (float) scaled;
                shift += scaled * scaling.mean()[f];
            }
            newBias[c] = (float) (bias[c] - shift);
        }
        return new HeadTrainer.Trained(newWeight, newBias, epochs, best, stopped);
    }

    int batch() {
        return batch;
    }

    int classes() {
        return classes;
    }

    boolean hasDropout() {
        return hasDropout;
    }

    UpdateRule rule() {
        return rule;
    }

    /** features, weight, bias to logits: the layer as it is used. */
    OnnxModel forward() {
        return forward;
    }

    TrainingGraph training() {
        return training;
    }
}

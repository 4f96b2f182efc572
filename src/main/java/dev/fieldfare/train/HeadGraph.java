package dev.fieldfare.train;

import dev.fieldfare.autodiff.BatchStatistics;
import dev.fieldfare.autodiff.Kernels;
import dev.fieldfare.autodiff.SoftmaxCrossEntropy;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.autodiff.WeightPenalty;
import dev.fieldfare.model.LastLayer;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.DropoutNodes;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ConstantFolding;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.BlockedChannels;
import dev.fieldfare.runtime.Engine;
import dev.fieldfare.runtime.LoopInvariants;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is trained, as a graph: a suffix of the network, and behind it the last layer, {@code logits = ((features - mean)
 * * inverseDeviation * z) * weight' + bias}. Features are scaled because backbones differ by orders of magnitude in
 * theirs, and one learning rate should serve all; the scaling stays as it is and is part of a linear layer's input, so
 * the exported weights absorb it exactly (a feature-space trick, not an augmentation of pictures).
 */
final class HeadGraph {
    static final String TARGETS = "head/targets";
    static final String WEIGHT = "head/weight";
    static final String BIAS = "head/bias";
    static final String LOGITS = "head/logits";

    /** The group of the parameters before the last layer, which have a learning rate of their own. */
    static final String SUFFIX = "suffix";

    private static final String LOSS = "head/loss";

    private final Suffix suffix;
    private final Portions portions;
    private final int classes;
    private final FeatureScaling scaling;
    private final HeadNoise noise;
    private final List<NoiseInput> noiseInputs = new ArrayList<>();
    private final LoopInvariants forward;
    private final LoopInvariants gradients;
    private final TrainingGraph training;

    HeadGraph(Suffix suffix, Portions portions, int classes, FeatureScaling scaling, TrainingSettings settings) {
        this.noise = new HeadNoise(settings.noise());
        this.suffix = noise.place(suffix);
        this.portions = portions;
        this.classes = classes;
        this.scaling = scaling;
        OnnxModel base = this.suffix.forward(portions.microBatch());
        this.training = training(base, settings);
        this.gradients = running(training.gradients());
        this.forward = running(look(base));
    }

    /** In the form in which it runs, for several micro-batches with the same weights. */
    private LoopInvariants running(OnnxModel standard) {
        OnnxModel model = BlockedChannels.of(standard);
        if (!portions.preparesWeights()) {
            return LoopInvariants.none(model);
        }
        List<String> fixed = new ArrayList<>();
        training.parameters().forEach(parameter -> fixed.add(parameter.name()));
        return LoopInvariants.of(model, ShapeInference.values(model), fixed);
    }

    private OnnxModel look(OnnxModel base) {
        OnnxModel settled = NoisyModel.settled(base, ShapeInference::of);
        GraphBuilder builder = builder(settled);
        suffix.parameters().forEach(parameter -> builder.toInput(parameter.name()));
        training.carried().values().forEach(statistic -> builder.toInput(statistic.name()));
        builder.setOutputs(List.of(Value.ofFloats(LOGITS, portions.microBatch(), classes)));
        return settled.withGraph(builder.build());
    }

    private GraphBuilder builder(OnnxModel base) {
        GraphBuilder builder = GraphBuilder.from(base.graph());
        int width = suffix.width();
        builder.input(Value.ofFloats(WEIGHT, classes, width));
        builder.input(Value.ofFloats(BIAS, classes));
        String mean = builder.initializer("head/mean", TensorData.ofFloats(scaling.mean(), width));
        String inverse =
                builder.initializer("head/inverseDeviation", TensorData.ofFloats(scaling.inverseDeviation(), width));
        String x = builder.apply("head/centred", "Sub", List.of(suffix.features(), mean), Map.of());
        x = builder.apply("head/scaled", "Mul", List.of(x, inverse), Map.of());
        x = noise.beforeClassifier().emit(builder, x, base.operatorSet());
        builder.apply(LOGITS, "Gemm", List.of(x, WEIGHT, BIAS), Map.of("transB", Attribute.of(1)));
        return builder;
    }

    private TrainingGraph training(OnnxModel base, TrainingSettings settings) {
        GraphBuilder builder = builder(base);
        builder.input(Value.ofFloats(TARGETS, portions.microBatch(), classes));
        SoftmaxCrossEntropy.emit(builder, LOGITS, TARGETS, LOSS);
        builder.setOutputs(List.of(Value.ofFloats(LOSS), Value.ofFloats(LOGITS, portions.microBatch(), classes)));
        NoisyModel noisy =
                noise.lower(base.withGraph(builder.build()), suffix, WEIGHT, Shape.of(classes, suffix.width()));
        noiseInputs.addAll(noisy.inputs());
        // From the deepest to the last: the runtime then computes each gradient as soon as it can, and lets go early of
        // the activations that it needs.
        List<String> parameters = new ArrayList<>();
        Map<String, String> groups = new LinkedHashMap<>();
        for (Parameter parameter : suffix.parameters()) {
            parameters.add(parameter.name());
            groups.put(parameter.name(), SUFFIX);
        }
        parameters.add(WEIGHT);
        parameters.add(BIAS);
        Updates updates = new Updates(
                Optimizers.of(settings, suffix),
                portions.accumulate(),
                portions.workers(),
                penalties(settings),
                (float) settings.optimizer().clipNorm(),
                groups);
        return TrainingGraph.of(
                forward(noisy.model(), parameters, settings.suffix().normalization()),
                updates,
                new Kernels(Engine.channelBlock()));
    }

    private static TrainingGraph.Forward forward(
            OnnxModel model, List<String> parameters, SuffixSettings.Normalization normalization) {
        Map<String, Shape> shapes = ShapeInference.of(model);
        // Rules ask for constants where exporters compute bounds and sizes of shapes, which are all known here.
        Graph graph = ConstantFolding.foldShapes(model.graph(), shapes);
        if (normalization == SuffixSettings.Normalization.FROZEN) {
            return new TrainingGraph.Forward(model.withGraph(graph), shapes, LOSS, parameters);
        }
        BatchStatistics statistics = BatchStatistics.of(graph, shapes, node -> true);
        return new TrainingGraph.Forward(
                model.withGraph(statistics.graph()), statistics.shapes(), LOSS, parameters, statistics.renewed());
    }

    /** Biases go free: they move the decision, they do not sharpen it. */
    private List<WeightPenalty> penalties(TrainingSettings settings) {
        TrainingSettings.Regularization regularization = settings.regularization();
        Set<String> weights = suffix.parameters().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
                .map(Parameter::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return List.of(
                new WeightPenalty((float) regularization.l2(), (float) regularization.l1(), Set.of(WEIGHT)),
                new WeightPenalty((float) settings.suffix().l2(), 0, weights));
    }

    /**
     * The last layer for features as they come: {@code w / deviation}, {@code b - w * mean / deviation}. With dropout the
     * mean stays where it is: what is dropped is a feature's difference from it.
     */
    LastLayer unscaled(FineTuner.Layer layer) {
        DropoutNodes dropout = noise.beforeClassifier();
        int width = suffix.width();
        float[] weight = new float[layer.weight().length];
        float[] bias = layer.bias().clone();
        for (int c = 0; c < classes; c++) {
            double shift = 0;
            for (int f = 0; f < width; f++) {
                double scaled = (double) layer.weight()[c * width + f] * scaling.inverseDeviation()[f];
                weight[c * width + f] = (float) scaled;
                shift += scaled * scaling.mean()[f];
            }
            if (dropout.rate() == 0) {
                bias[c] = (float) (layer.bias()[c] - shift);
            }
        }
        return dropout.rate() == 0 ? new LastLayer(weight, bias) : new LastLayer(weight, bias, scaling.mean(), dropout);
    }

    Suffix suffix() {
        return suffix;
    }

    Portions portions() {
        return portions;
    }

    int classes() {
        return classes;
    }

    /** Where noise enters the training. */
    List<NoiseInput> noise() {
        return Collections.unmodifiableList(noiseInputs);
    }

    /** From the value at the cut and the parameters to logits: the head as it is used. */
    LoopInvariants forward() {
        return forward;
    }

    /** The gradient graph of {@link #training}. */
    LoopInvariants gradients() {
        return gradients;
    }

    TrainingGraph training() {
        return training;
    }
}

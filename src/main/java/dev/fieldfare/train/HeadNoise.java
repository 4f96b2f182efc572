package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.DropConnect;
import dev.fieldfare.noise.DropoutNodes;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.StochasticDepth;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.ShapeInference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Places the noise that the settings ask for in the layers that are trained. */
record HeadNoise(NoiseSettings settings) {
    /** The layers before the last, with dropout in front of those that it was asked for. */
    Suffix place(Suffix suffix) {
        Set<String> layers =
                weights(suffix, settings.dropoutBefore()).map(Parameter::output).collect(Collectors.toSet());
        return suffix.withStored(
                new DropoutNodes(settings.dropout(), settings.dropoutForm()).before(suffix.stored(), layers));
    }

    /** What is dropped of the features before the last layer. */
    DropoutNodes beforeClassifier() {
        boolean asked = isNamed(settings.dropoutBefore(), NoiseSettings.CLASSIFIER);
        return new DropoutNodes(asked ? settings.dropout() : 0, settings.dropoutForm());
    }

    /**
     * A head with its noise as inputs.
     *
     * @param classifier name of the last layer's weight
     * @param classifierShape and its shape
     */
    NoisyModel lower(OnnxModel model, Suffix suffix, String classifier, Shape classifierShape) {
        NoisyModel noisy = NoisyModel.of(model, ShapeInference::of);
        Map<String, Shape> weights = new LinkedHashMap<>();
        weights(suffix, settings.dropConnectOn()).forEach(weight -> weights.put(weight.name(), weight.shape()));
        if (isNamed(settings.dropConnectOn(), NoiseSettings.CLASSIFIER)) {
            weights.put(classifier, classifierShape);
        }
        noisy = new DropConnect(settings.dropConnect()).on(noisy, weights);
        if (settings.stochasticDepth() == 0) {
            return noisy;
        }
        return new StochasticDepth(settings.stochasticDepth())
                .on(noisy, suffix.cut(), ShapeInference.of(noisy.model()));
    }

    /** Whether a layer is called by a name of the network. */
    boolean namesLayers() {
        Set<String> known = Set.of(NoiseSettings.CLASSIFIER, NoiseSettings.ALL);
        return !known.containsAll(settings.dropoutBefore()) || !known.containsAll(settings.dropConnectOn());
    }

    /**
     * Refuses names of layers that the network does not have.
     *
     * @param whole all that could be trained
     */
    void requireLayers(Suffix whole) {
        requireLayers("noise.dropoutBefore", settings.dropoutBefore(), whole);
        requireLayers("noise.dropConnectOn", settings.dropConnectOn(), whole);
    }

    private static void requireLayers(String key, List<String> names, Suffix whole) {
        for (String name : names) {
            boolean known = name.equals(NoiseSettings.CLASSIFIER)
                    || name.equals(NoiseSettings.ALL)
                    || weights(whole, List.of(name)).findAny().isPresent();
            if (!known) {
                throw new FieldfareException(key + ": the network has no layer '" + name + "' with weights; write "
                        + NoiseSettings.CLASSIFIER + ", " + NoiseSettings.ALL + ", or what a layer computes, from the"
                        + " last on: "
                        + weights(whole, List.of(NoiseSettings.ALL)).map(Parameter::output).toList().reversed().stream()
                                .limit(12)
                                .collect(Collectors.joining(", ")));
            }
        }
    }

    private static Stream<Parameter> weights(Suffix suffix, List<String> names) {
        Predicate<Parameter> named = parameter -> isNamed(names, parameter.name())
                || isNamed(names, parameter.output())
                || names.stream().anyMatch(name -> parameter.node().endsWith("'" + name + "'"));
        return suffix.parameters().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
                .filter(named);
    }

    private static boolean isNamed(List<String> names, String name) {
        return names.contains(name) || names.contains(NoiseSettings.ALL);
    }
}

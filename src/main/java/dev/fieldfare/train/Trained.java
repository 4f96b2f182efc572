package dev.fieldfare.train;

import dev.fieldfare.model.LastLayer;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.report.Words;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a training gave.
 *
 * @param suffix the layers before the last, with their new weights
 * @param layer the last layer, for features as they come
 * @param scaled the same for features as the training scaled them
 * @param epochs of it, in order
 * @param best the epoch whose weights these are
 * @param stopped why it ended
 * @param answers on the validation pictures, in that epoch; calibrated where that is always the last
 */
record Trained(
        Suffix suffix,
        LastLayer layer,
        FineTuner.Layer scaled,
        List<TrainingReport.Epoch> epochs,
        TrainingReport.Best best,
        String stopped,
        Answers answers) {

    static Trained of(HeadGraph graph, FineTuner.Trained trained) {
        Map<String, FloatBuffer> weights = new LinkedHashMap<>(trained.weights());
        weights.keySet().removeAll(List.of(HeadGraph.WEIGHT, HeadGraph.BIAS));
        return new Trained(
                graph.suffix().with(weights),
                graph.unscaled(trained.layer()),
                trained.layer(),
                trained.epochs(),
                trained.best(),
                trained.stopped(),
                trained.answers());
    }

    /** The last layer as a training begins with it, by the names of its parameters. */
    Map<String, FloatBuffer> lastLayer() {
        return Map.of(
                HeadGraph.WEIGHT, FloatBuffer.wrap(scaled.weight()), HeadGraph.BIAS, FloatBuffer.wrap(scaled.bias()));
    }

    /** The same with other weights. */
    Trained with(Suffix otherSuffix, LastLayer otherLayer) {
        return new Trained(otherSuffix, otherLayer, scaled, epochs, best, stopped, answers);
    }

    /** The same with logits divided by a temperature. */
    Trained at(double temperature) {
        return with(suffix, layer.at(temperature));
    }

    /** How many numbers were trained. */
    long numbers() {
        return layer.weight().length
                + layer.bias().length
                + suffix.parameters().stream()
                        .mapToLong(parameter -> parameter.shape().elements())
                        .sum();
    }

    /** The same, said to have begun where this training of the last layer ended. */
    Trained after(Trained probe) {
        return new Trained(
                suffix,
                layer,
                scaled,
                epochs,
                best,
                "the last layer by itself came to a validation accuracy of "
                        + Words.percent(probe.best().validationAccuracy()) + " in epoch "
                        + probe.best().epoch() + "; then " + stopped,
                answers);
    }

    /** The same, said to be what is left of something deeper that was tried. */
    Trained insteadOf(TrainSpec deeper) {
        return new Trained(
                suffix,
                layer,
                scaled,
                epochs,
                best,
                "training " + deeper.inWords() + " made nothing better, so only the last layer is new; " + stopped,
                answers);
    }
}

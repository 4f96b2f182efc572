package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.autodiff.DecoupledDecay;
import dev.fieldfare.autodiff.MaxNorm;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.onnx.Node;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What keeps weights small by the way they are updated, rather than by the gradient: decoupled decay, then max-norm. Both
 * take all weights that are trained, and leave biases and scales free.
 */
final class Penalties {
    private Penalties() {}

    /** The rule with what the settings ask for around it. */
    static UpdateRule around(UpdateRule rule, TrainingSettings.Regularization settings, Suffix suffix) {
        List<Parameter> weights = suffix.parameters().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
                .toList();
        UpdateRule around = rule;
        if (settings.weightDecay() > 0) {
            Set<String> names = new LinkedHashSet<>(Set.of(HeadGraph.WEIGHT));
            weights.forEach(weight -> names.add(weight.name()));
            around = new DecoupledDecay(around, (float) settings.weightDecay(), names);
        }
        if (settings.maxNorm() > 0) {
            around = new MaxNorm(around, (float) settings.maxNorm(), incoming(suffix, weights));
        }
        return around;
    }

    /** By weight, the axes along which the incoming weights of one output unit lie. */
    private static Map<String, List<Long>> incoming(Suffix suffix, List<Parameter> weights) {
        Map<String, List<Long>> incoming = new LinkedHashMap<>();
        Map<String, Node> producers = suffix.stored().graph().producers();
        for (Parameter weight : weights) {
            Node node = Objects.requireNonNull(producers.get(weight.output()), weight.output());
            incoming.put(weight.name(), incoming(node, weight));
        }
        incoming.put(HeadGraph.WEIGHT, List.of(1L));
        return incoming;
    }

    private static List<Long> incoming(Node node, Parameter weight) {
        long rank = weight.shape().rank();
        return switch (node.operator()) {
            case "Conv" -> LongStream.range(1, rank).boxed().toList();
            case "ConvTranspose" -> {
                if (node.integer("group", 1) != 1) {
                    throw new FieldfareException("regularization.maxNorm does not know the " + node.describe()
                            + ", a transposed convolution in groups; set it to 0");
                }
                yield LongStream.range(0, rank)
                        .filter(axis -> axis != 1)
                        .boxed()
                        .toList();
            }
            case "Gemm" -> List.of(node.integer("transB", 0) == 0 ? 0L : 1L);
            // [.. x in x out] where it comes second, [.. x out x in] where it comes first
            case "MatMul" -> List.of(node.input(1).equals(weight.name()) ? Math.max(0, rank - 2) : rank - 1);
            default -> throw new IllegalStateException(node.describe() + " has no weights");
        };
    }
}

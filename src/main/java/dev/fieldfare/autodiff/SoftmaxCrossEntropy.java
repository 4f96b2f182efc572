package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * The cross-entropy of softmax probabilities with target probabilities:
 * {@code loss = -(1/N) sum_i sum_c targets[i, c] log softmax(logits[i])[c]}, which is PyTorch's
 * {@code CrossEntropyLoss} for probability targets. All else is a matter of the targets: label smoothing (Szegedy et
 * al., "Rethinking the Inception Architecture", 2016, section 7) mixes them with 1/C; a class weight multiplies its
 * column; a sample weight multiplies its row (zero for rows that only fill up a batch). The mean is always over the N
 * rows; for a weighted mean, as PyTorch takes it for hard labels, multiply the rows by N over the sum of the weights.
 */
public final class SoftmaxCrossEntropy {
    private SoftmaxCrossEntropy() {}

    /**
     * Emits the loss.
     *
     * @param logits float32 [N, C]
     * @param targets float32 [N, C]
     * @param loss the name for the result, a float32 scalar
     * @return that name
     */
    public static String emit(GraphBuilder builder, String logits, String targets, String loss) {
        Map<String, Attribute> drop = Map.of("keepdims", Attribute.of(0));
        String logProbabilities = builder.apply("LogSoftmax", List.of(logits), Map.of("axis", Attribute.of(1)));
        String products = builder.apply("Mul", List.of(targets, logProbabilities));
        String sums = builder.apply("ReduceSum", List.of(products, builder.constant(1L)), drop);
        String mean = builder.apply("ReduceMean", List.of(sums), drop);
        return builder.apply(loss, "Neg", List.of(mean), Map.of());
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Penalties on the size of parameters, as parts of the loss: float32 scalars to be added to it. */
public final class WeightPenalty {
    private WeightPenalty() {}

    /**
     * Emits {@code strength / 2 * sum of squares}.
     *
     * @param parameters at least one float32 value
     * @param strength not negative; PyTorch's optimizers call the same thing {@code weight_decay}, without Adam's
     *     decoupling
     * @return its name
     */
    public static String l2(GraphBuilder builder, Collection<String> parameters, float strength) {
        return emit(builder, "ReduceSumSquare", parameters, strength / 2);
    }

    /**
     * Emits {@code strength * sum of absolute values}.
     *
     * @param parameters at least one float32 value
     * @param strength not negative
     * @return its name
     */
    public static String l1(GraphBuilder builder, Collection<String> parameters, float strength) {
        return emit(builder, "ReduceL1", parameters, strength);
    }

    private static String emit(GraphBuilder builder, String norm, Collection<String> parameters, float factor) {
        List<String> norms = parameters.stream()
                .map(parameter -> builder.apply(norm, List.of(parameter), Map.of("keepdims", Attribute.of(0))))
                .toList();
        String sum = norms.stream()
                .reduce((first, second) -> builder.apply("Add", List.of(first, second)))
                .orElseThrow(() -> new IllegalArgumentException("a penalty of no parameters"));
        return builder.apply("Mul", List.of(sum, builder.constant(factor)));
    }
}

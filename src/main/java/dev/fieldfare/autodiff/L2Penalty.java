package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The L2 penalty of parameters as a part of the loss: {@code strength / 2 * sum of squares}. */
public final class L2Penalty {
    private L2Penalty() {}

    /**
     * Emits the penalty, a float32 scalar to be added to the loss.
     *
     * @param parameters at least one float32 value
     * @param strength not negative; PyTorch's optimizers call the same thing {@code weight_decay}, without Adam's
     *     decoupling
     * @return its name
     */
    public static String emit(GraphBuilder builder, Collection<String> parameters, float strength) {
        List<String> squares = parameters.stream()
                .map(parameter ->
                        builder.apply("ReduceSumSquare", List.of(parameter), Map.of("keepdims", Attribute.of(0))))
                .toList();
        String sum = squares.stream()
                .reduce((first, second) -> builder.apply("Add", List.of(first, second)))
                .orElseThrow(() -> new IllegalArgumentException("an L2 penalty of no parameters"));
        return builder.apply("Mul", List.of(sum, builder.constant(strength / 2)));
    }
}

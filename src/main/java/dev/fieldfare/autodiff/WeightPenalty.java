package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A penalty on the size of parameters, {@code l2 / 2} times their sum of squares plus {@code l1} times their sum of
 * absolute values (both: the elastic net of Zou and Hastie, 2005). It enters where parameters are updated, by its
 * gradient {@code l2 w + l1 sign(w)}: once a step, however many micro-batches there are. The loss that is reported is
 * without it, and so can be compared with that of pictures that do not train.
 *
 * @param l2 not negative; PyTorch's optimizers call the same thing {@code weight_decay}, without Adam's decoupling
 * @param l1 not negative
 * @param parameters those that are penalized
 */
public record WeightPenalty(float l2, float l1, Set<String> parameters) {
    public WeightPenalty {
        parameters = Collections.unmodifiableSet(new LinkedHashSet<>(parameters));
        if (!(l2 >= 0 && l1 >= 0)) {
            throw new IllegalArgumentException("penalties must not be negative, but are " + l2 + " and " + l1);
        }
    }

    /** Adds the penalty's gradient to the loss's; emits nothing for a parameter that is not penalized. */
    String addTo(GraphBuilder builder, String parameter, String gradient) {
        if (!parameters.contains(parameter)) {
            return gradient;
        }
        String sum = gradient;
        if (l2 > 0) {
            String part = builder.apply("Mul", List.of(parameter, builder.constant(l2)));
            sum = builder.apply("Add", List.of(sum, part));
        }
        if (l1 > 0) {
            String sign = builder.apply("Sign", List.of(parameter));
            sum = builder.apply("Add", List.of(sum, builder.apply("Mul", List.of(sign, builder.constant(l1)))));
        }
        return sum;
    }
}

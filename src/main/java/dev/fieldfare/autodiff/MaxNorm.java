package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An update rule after which the incoming weights of each output unit are shortened, as one vector, to a greatest length:
 * {@code w = w * min(1, limit / |w|)} (Srivastava et al., "Dropout", JMLR 15, 2014, section 5.1, max-norm
 * regularization).
 *
 * @param rule what moves the parameters
 * @param limit above 0
 * @param incoming by parameter, the axes along which the incoming weights of one unit lie; others are not limited
 */
public record MaxNorm(UpdateRule rule, float limit, Map<String, List<Long>> incoming) implements UpdateRule {
    public MaxNorm {
        incoming = Collections.unmodifiableMap(new LinkedHashMap<>(incoming));
        if (!(limit > 0)) {
            throw new IllegalArgumentException("the greatest length must be above 0, but is " + limit);
        }
    }

    @Override
    public List<String> states() {
        return rule.states();
    }

    @Override
    public Map<String, Float> scalars(long step, float learningRate) {
        return rule.scalars(step, learningRate);
    }

    @Override
    public void emit(
            GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into) {
        List<Long> axes = incoming.get(parameter);
        if (axes == null) {
            rule.emit(builder, parameter, gradient, scalars, into);
            return;
        }
        String free = parameter + ".free";
        rule.emit(builder, parameter, gradient, scalars, free);
        long[] summed = axes.stream().mapToLong(Long::longValue).toArray();
        String length =
                builder.apply("ReduceL2", List.of(free, builder.constant(summed)), Map.of("keepdims", Attribute.of(1)));
        // A length of zero makes an infinite ratio, of which one is the smaller.
        String ratio = builder.apply("Div", List.of(builder.constant(limit), length));
        String scale = builder.apply("Min", List.of(ratio, builder.constant(1f)));
        builder.apply(into, "Mul", List.of(free, scale), Map.of());
    }
}

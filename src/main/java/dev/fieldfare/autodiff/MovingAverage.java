package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An update rule that also keeps an exponential moving average of each parameter, {@code a = decay a + (1 - decay) w},
 * which begins at the parameter itself: steadier than the last weights, and often better (Polyak and Juditsky,
 * "Acceleration of stochastic approximation by averaging", 1992; in this form Tarvainen and Valpola, "Mean teachers are
 * better role models", 2017).
 *
 * @param rule what moves the parameters
 * @param decay in (0, 1)
 */
public record MovingAverage(UpdateRule rule, float decay) implements UpdateRule {
    /** The kind of state that holds the average. */
    public static final String AVERAGE = "average";

    public MovingAverage {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("the decay of an average must be between 0 and 1, but is " + decay);
        }
    }

    @Override
    public List<String> states() {
        return Stream.concat(rule.states().stream(), Stream.of(AVERAGE)).toList();
    }

    @Override
    public Map<String, Float> scalars(long step, float learningRate) {
        return rule.scalars(step, learningRate);
    }

    @Override
    public void emit(
            GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into) {
        rule.emit(builder, parameter, gradient, scalars, into);
        String average = UpdateRule.state(parameter, AVERAGE);
        String kept = builder.apply("Mul", List.of(average, builder.constant(decay)));
        String added = builder.apply("Mul", List.of(into, builder.constant(1 - decay)));
        builder.apply(UpdateRule.updated(average), "Add", List.of(kept, added), Map.of());
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1). The bias corrections are scalar
 * inputs.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the corrected second moment, positive
 */
public record Adam(float beta1, float beta2, float epsilon) implements UpdateRule {
    private static final String FIRST = "firstMoment";
    private static final String SECOND = "secondMoment";
    private static final String STEP_SIZE = "stepSize";
    private static final String SECOND_MOMENT_SCALE = "secondMomentScale";

    public Adam {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
            throw new IllegalArgumentException("Adam needs betas in [0, 1) and a positive epsilon, but has " + beta1
                    + ", " + beta2 + ", " + epsilon);
        }
    }

    /** The defaults of the paper: 0.9, 0.999, 1e-8. */
    public static Adam standard() {
        return new Adam(0.9f, 0.999f, 1e-8f);
    }

    @Override
    public List<String> states() {
        return List.of(FIRST, SECOND);
    }

    @Override
    public Map<String, Float> scalars(long step, float learningRate) {
        float stepSize = (float) (learningRate / (1 - Math.pow(beta1, step)));
        float scale = (float) (1 / Math.sqrt(1 - Math.pow(beta2, step)));
        return Map.of(STEP_SIZE, stepSize, SECOND_MOMENT_SCALE, scale);
    }

    @Override
    public void emit(
            GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into) {
        String first = average(builder, UpdateRule.state(parameter, FIRST), beta1, gradient);
        String square = builder.apply("Mul", List.of(gradient, gradient));
        String second = average(builder, UpdateRule.state(parameter, SECOND), beta2, square);
        String root =
                builder.apply("Mul", List.of(builder.apply("Sqrt", List.of(second)), scalars.get(SECOND_MOMENT_SCALE)));
        String divisor = builder.apply("Add", List.of(root, builder.constant(epsilon)));
        String direction = builder.apply("Div", List.of(first, divisor));
        String change = builder.apply("Mul", List.of(direction, scalars.get(STEP_SIZE)));
        builder.apply(into, "Sub", List.of(parameter, change), Map.of());
    }

    /** The exponential moving average {@code beta state + (1 - beta) value}, as the state's new value. */
    private static String average(GraphBuilder builder, String state, float beta, String value) {
        String kept = builder.apply("Mul", List.of(state, builder.constant(beta)));
        String added = builder.apply("Mul", List.of(value, builder.constant(1 - beta)));
        return builder.apply(UpdateRule.updated(state), "Add", List.of(kept, added), Map.of());
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum, as PyTorch has it: {@code v = momentum v + g; w = w - learningRate v}. (In
 * the form of Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, the learning
 * rate is part of v; the two differ when it changes.) No dampening, no Nesterov.
 *
 * @param momentum in [0, 1); with 0 there is no state
 */
public record SgdMomentum(float momentum) implements UpdateRule {
    private static final String MOMENTUM = "momentum";
    private static final String LEARNING_RATE = "learningRate";

    public SgdMomentum {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum must be at least 0 and less than 1, but is " + momentum);
        }
    }

    @Override
    public List<String> states() {
        return momentum == 0 ? List.of() : List.of(MOMENTUM);
    }

    @Override
    public Map<String, Float> scalars(long step, float learningRate) {
        return Map.of(LEARNING_RATE, learningRate);
    }

    @Override
    public void emit(
            GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into) {
        String direction = gradient;
        if (momentum > 0) {
            String velocity = UpdateRule.state(parameter, MOMENTUM);
            String kept = builder.apply("Mul", List.of(velocity, builder.constant(momentum)));
            direction = builder.apply(UpdateRule.updated(velocity), "Add", List.of(kept, gradient), Map.of());
        }
        String change = builder.apply("Mul", List.of(direction, scalars.get(LEARNING_RATE)));
        builder.apply(into, "Sub", List.of(parameter, change), Map.of());
    }
}

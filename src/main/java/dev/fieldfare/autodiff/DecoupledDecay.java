package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An update rule that also shrinks parameters, {@code w = w - learningRate * decay * w} besides its own change, whatever the
 * gradient is (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithms 1 and 2: SGDW and AdamW).
 * The learning rate stands for what the paper calls the schedule multiplier, as in PyTorch. Where a rule divides by the
 * size of gradients, as Adam does, this is another thing than a penalty on squares: all weights shrink alike.
 *
 * @param rule what moves the parameters
 * @param decay above 0
 * @param parameters those that shrink
 */
public record DecoupledDecay(UpdateRule rule, float decay, Set<String> parameters) implements UpdateRule {
    private static final String DECAY = "decay";

    public DecoupledDecay {
        parameters = Collections.unmodifiableSet(new LinkedHashSet<>(parameters));
        if (!(decay > 0)) {
            throw new IllegalArgumentException("the decay must be above 0, but is " + decay);
        }
    }

    @Override
    public List<String> states() {
        return rule.states();
    }

    @Override
    public Map<String, Float> scalars(long step, float learningRate) {
        Map<String, Float> scalars = new TreeMap<>(rule.scalars(step, learningRate));
        scalars.put(DECAY, learningRate * decay);
        return scalars;
    }

    @Override
    public void emit(
            GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into) {
        if (!parameters.contains(parameter)) {
            rule.emit(builder, parameter, gradient, scalars, into);
            return;
        }
        String moved = parameter + ".moved";
        rule.emit(builder, parameter, gradient, scalars, moved);
        String lost = builder.apply("Mul", List.of(parameter, scalars.get(DECAY)));
        builder.apply(into, "Sub", List.of(moved, lost), Map.of());
    }
}

package dev.fieldfare.noise;

import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Drops weights instead of activations (Wan et al., "Regularization of neural networks using DropConnect", ICML 2013,
 * equation 3), inverted, so that each weight's mean is what it is in use. One mask serves all pictures of a step, where
 * the paper draws one for each: a mask for each picture would take a copy of the weights for each.
 *
 * @param rate probability of dropping a weight, 0 up to but not including 1
 */
public record DropConnect(double rate) implements Noise.OnValue {
    public DropConnect {
        Noises.requireRange("dropConnect", rate, 0, Math.nextDown(1.0));
    }

    @Override
    public String name() {
        return "dropConnect";
    }

    @Override
    public double strength() {
        return rate;
    }

    @Override
    public void draw(FloatBuffer z, RandomGenerator random) {
        new Dropout(rate).draw(z, random);
    }

    /**
     * Drops elements of weights wherever they are read.
     *
     * @param weights name and shape of each
     */
    public NoisyModel on(NoisyModel noisy, Map<String, Shape> weights) {
        if (rate == 0 || weights.isEmpty()) {
            return noisy;
        }
        List<NoiseInput> inputs = new ArrayList<>(noisy.inputs());
        GraphBuilder builder = GraphBuilder.withoutNodes(noisy.model().graph());
        Map<String, String> dropped = new HashMap<>();
        weights.forEach((weight, shape) -> {
            Value z = Value.ofFloats(builder.fresh("z/" + weight), shape.sizes());
            builder.input(z);
            inputs.add(new NoiseInput(z, this, NoiseInput.Each.STEP));
            dropped.put(
                    weight,
                    builder.apply(builder.fresh(weight + "/dropped"), "Mul", List.of(weight, z.name()), Map.of()));
        });
        for (Node node : noisy.model().graph().nodes()) {
            builder.add(node.withInputs(node.inputs().stream()
                    .map(input -> dropped.getOrDefault(input, input))
                    .toList()));
        }
        return new NoisyModel(noisy.model().withGraph(builder.build()), inputs);
    }
}

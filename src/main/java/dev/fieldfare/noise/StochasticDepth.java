package dev.fieldfare.noise;

import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Leaves out a residual branch, so that a network trains as many shallower ones (Huang et al., "Deep networks with
 * stochastic depth", ECCV 2016). Here for each picture by itself, and inverted: what is kept is divided by its
 * probability of survival, which the paper multiplies with in use (equation 5).
 *
 * @param death probability of leaving the branch out, 0 up to but not including 1
 */
public record StochasticDepth(double death) implements Noise.OnValue {
    public StochasticDepth {
        Noises.requireRange("stochasticDepth", death, 0, Math.nextDown(1.0));
    }

    @Override
    public String name() {
        return "stochasticDepth";
    }

    @Override
    public double strength() {
        return death;
    }

    @Override
    public void draw(FloatBuffer z, RandomGenerator random) {
        new Dropout(death).draw(z, random);
    }

    /**
     * Places it on every residual branch of a network. The probability of being left out rises linearly with depth, up
     * to {@link #death} for the last branch: {@code l / L} times that for the {@code l}-th of {@code L} (equation 4).
     *
     * @param data the network's input that pictures come by
     * @param shapes of the network's values, of which the first size is the batch
     */
    public NoisyModel on(NoisyModel noisy, String data, Map<String, Shape> shapes) {
        List<ResidualBranch> branches = ResidualBranch.of(noisy.model().graph(), data);
        if (death == 0 || branches.isEmpty()) {
            return noisy;
        }
        List<NoiseInput> inputs = new ArrayList<>(noisy.inputs());
        GraphBuilder builder = GraphBuilder.withoutNodes(noisy.model().graph());
        int number = 0;
        for (Node node : noisy.model().graph().nodes()) {
            if (number < branches.size() && branches.get(number).sum() == node) {
                ResidualBranch branch = branches.get(number++);
                Value z = gate(builder, branch.end(), Objects.requireNonNull(shapes.get(branch.end()), branch.end()));
                builder.input(z);
                inputs.add(new NoiseInput(
                        z, new StochasticDepth(death * number / branches.size()), NoiseInput.Each.PICTURE));
                String gated = builder.apply("Mul", List.of(branch.end(), z.name()));
                List<String> operands = new ArrayList<>(node.inputs());
                operands.set(branch.operand(), gated);
                builder.add(node.withInputs(operands));
            } else {
                builder.add(node);
            }
        }
        return new NoisyModel(noisy.model().withGraph(builder.build()), inputs);
    }

    private static Value gate(GraphBuilder builder, String branch, Shape shape) {
        long[] sizes = new long[shape.rank()];
        Arrays.fill(sizes, 1);
        sizes[0] = shape.size(0);
        return Value.ofFloats(builder.fresh("z/" + branch), sizes);
    }
}

package dev.fieldfare.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The constant weights of a linear layer, each of them belonging to one output channel.
 *
 * @param weight float32, of any shape
 * @param bias float32, one element a channel; zeros where the layer has none
 * @param channels the channel of each element of the weight, in row-major order
 */
record LayerWeights(TensorData weight, TensorData bias, int[] channels) {

    /**
     * The weights of a {@code Conv}, {@code ConvTranspose} or {@code Gemm}; empty for another operator, or if they are
     * no float constants. The bias is what the layer adds, that is, a {@code Gemm}'s beta is multiplied in.
     *
     * @param count how many output channels the layer has
     */
    static Optional<LayerWeights> of(Node layer, Map<String, TensorData> constants, int count) {
        TensorData weight = constants.get(layer.input(1));
        if (weight == null || weight.type() != ElementType.FLOAT) {
            return Optional.empty();
        }
        int[] channels = new int[Math.toIntExact(weight.shape().elements())];
        int eachChannel = channels.length / count;
        if (layer.is("Conv")) {
            Arrays.setAll(channels, i -> i / eachChannel);
        } else if (layer.is("ConvTranspose")) {
            // Weights are [inputs, outputs / groups, ...]: a group's inputs all feed that group's outputs.
            int inputs = Math.toIntExact(weight.shape().size(0));
            int width = Math.toIntExact(weight.shape().size(1));
            int kernel = channels.length / inputs / width;
            int perGroup = inputs / Math.toIntExact(layer.integer("group", 1));
            Arrays.setAll(channels, i -> i / (width * kernel) / perGroup * width + i / kernel % width);
        } else if (layer.is("Gemm")) {
            boolean transposed = layer.integer("transB", 0) != 0;
            Arrays.setAll(channels, i -> transposed ? i / eachChannel : i % count);
        } else {
            return Optional.empty();
        }
        float[] offsets = new float[count];
        if (!layer.input(2).isEmpty()) {
            TensorData bias = constants.get(layer.input(2));
            if (bias == null || bias.type() != ElementType.FLOAT || !isRow(bias.shape(), count)) {
                return Optional.empty();
            }
            float[] given = bias.floats();
            float beta = layer.is("Gemm") ? layer.real("beta", 1) : 1;
            for (int i = 0; i < count; i++) {
                offsets[i] = beta * given[given.length == 1 ? 0 : i];
            }
        }
        return Optional.of(new LayerWeights(weight, TensorData.ofFloats(offsets, count), channels));
    }

    /** Whether it is one element, or one a channel along the last axis. */
    private static boolean isRow(Shape shape, int count) {
        return shape.elements() == 1 || shape.elements() == count && shape.size(shape.rank() - 1) == count;
    }

    /** The weights of the layer followed by {@code factor * x + offset} in each channel. */
    LayerWeights followedBy(double[] factor, double[] offset) {
        float[] weights = weight.floats();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (weights[i] * factor[channels[i]]);
        }
        float[] biases = bias.floats();
        for (int i = 0; i < biases.length; i++) {
            biases[i] = (float) (biases[i] * factor[i] + offset[i]);
        }
        return new LayerWeights(
                TensorData.ofFloats(weights, weight.shape().sizes()),
                TensorData.ofFloats(biases, biases.length),
                channels);
    }
}

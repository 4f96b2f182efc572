package dev.fieldfare.model;

import dev.fieldfare.noise.DropoutNodes;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.TensorData;
import java.util.List;
import java.util.Map;

/**
 * A trained last layer: {@code logits = dropout(features - centre) * weight' + bias}.
 *
 * @param weight [classes x features], row by row
 * @param bias [classes]
 * @param centre [features], what counts as nothing where dropout takes a feature away; empty for zero
 * @param dropout of the features, kept in the file so that it can be sampled in use; with a rate of zero there is none
 */
public record LastLayer(float[] weight, float[] bias, float[] centre, DropoutNodes dropout) {
    /** A linear layer and nothing else. */
    public LastLayer(float[] weight, float[] bias) {
        this(weight, bias, new float[0], new DropoutNodes(0, DropoutNodes.Form.INVERTED));
    }

    public LastLayer {
        if (bias.length == 0 || weight.length % bias.length != 0) {
            throw new IllegalArgumentException("weights and biases do not fit each other");
        }
        if (centre.length != 0 && centre.length != weight.length / bias.length) {
            throw new IllegalArgumentException("the centre does not fit the weights");
        }
    }

    /** The same with logits divided by a temperature. */
    public LastLayer at(double temperature) {
        return temperature == 1
                ? this
                : new LastLayer(divided(weight, temperature), divided(bias, temperature), centre, dropout);
    }

    private static float[] divided(float[] numbers, double divisor) {
        float[] quotients = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            quotients[i] = (float) (numbers[i] / divisor);
        }
        return quotients;
    }

    int classes() {
        return bias.length;
    }

    int features() {
        return weight.length / bias.length;
    }

    /** Adds the layer and returns the name of its output, [batch x classes]. */
    String emit(GraphBuilder builder, String features, String output, long operatorSet) {
        String read = features;
        if (centre.length > 0) {
            String constant = builder.constant("classifier.centre", TensorData.ofFloats(centre, features()));
            read = builder.apply(builder.fresh("classifier.centred"), "Sub", List.of(features, constant), Map.of());
        }
        read = dropout.emit(builder, read, operatorSet);
        String weights = builder.constant("classifier.weight", TensorData.ofFloats(weight, classes(), features()));
        String biases = builder.constant("classifier.bias", TensorData.ofFloats(bias, classes()));
        return builder.apply(
                builder.fresh(output), "Gemm", List.of(read, weights, biases), Map.of("transB", Attribute.of(1)));
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.TensorData;
import java.util.stream.IntStream;

/**
 * How {@code Resize} (11 to 19) makes the elements along one axis: output element o is {@code (1 - share) x[low] + share
 * x[high]}. The formulas are those of the ONNX specification, in float32 as ONNX Runtime computes them, because nearest
 * neighbours hang on the last bit.
 *
 * @param low for each output element the lower of the two input elements
 * @param high the upper one; the same for nearest neighbours
 * @param share the upper one's part, from 0 to 1
 * @param input how many elements the input has along the axis
 */
record InterpolationWeights(int[] low, int[] high, float[] share, int input) {

    static InterpolationWeights of(Node node, int input, int output, float scale) {
        String mode = node.text("mode", "nearest");
        String coordinates = node.text("coordinate_transformation_mode", "half_pixel");
        String rounding = node.text("nearest_mode", "round_prefer_floor");
        int[] low = new int[output];
        int[] high = new int[output];
        float[] share = new float[output];
        for (int o = 0; o < output; o++) {
            float position = position(coordinates, o, input, output, scale);
            if (mode.equals("nearest")) {
                low[o] = Math.clamp(nearest(rounding, position), 0, input - 1);
                high[o] = low[o];
            } else {
                float inside = Math.clamp(position, 0f, (float) input - 1);
                low[o] = (int) inside;
                high[o] = Math.min(low[o] + 1, input - 1);
                share[o] = inside - low[o];
            }
        }
        return new InterpolationWeights(low, high, share, input);
    }

    /** Where output element o lies between the input's elements. */
    private static float position(String coordinates, int o, int input, int output, float scale) {
        float halfPixel = (o + 0.5f) / scale - 0.5f;
        return switch (coordinates) {
            case "asymmetric" -> o / scale;
            case "align_corners" -> output == 1 ? 0 : o * (float) (input - 1) / (output - 1);
            case "pytorch_half_pixel" -> output == 1 ? 0 : halfPixel;
            case "half_pixel_symmetric" -> {
                float adjustment = output / (scale * input);
                yield input / 2f * (1 - adjustment) + halfPixel;
            }
            default -> halfPixel;
        };
    }

    private static int nearest(String rounding, float position) {
        return (int)
                switch (rounding) {
                    case "floor" -> Math.floor(position);
                    case "ceil" -> Math.ceil(position);
                    case "round_prefer_ceil" -> Math.floor(position + 0.5);
                    default -> Math.ceil(position - 0.5);
                };
    }

    boolean isIdentity() {
        return input == low.length && IntStream.range(0, input).allMatch(o -> low[o] == o && share[o] == 0);
    }

    /** Whether each input element is repeated equally often, next to one another. */
    boolean isRepetition() {
        int copies = low.length / input;
        return copies > 1
                && low.length == copies * input
                && IntStream.range(0, low.length).allMatch(o -> low[o] == o / copies && share[o] == 0);
    }

    /** The weights as a matrix of outputs by inputs, or of inputs by outputs. */
    TensorData matrix(boolean transposed) {
        int output = low.length;
        float[] matrix = new float[output * input];
        for (int o = 0; o < output; o++) {
            matrix[transposed ? low[o] * output + o : o * input + low[o]] += 1 - share[o];
            matrix[transposed ? high[o] * output + o : o * input + high[o]] += share[o];
        }
        return transposed ? TensorData.ofFloats(matrix, input, output) : TensorData.ofFloats(matrix, output, input);
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Gradients of {@code QuantizeLinear} and {@code DequantizeLinear} by the straight-through estimator (Bengio, Léonard
 * and Courville 2013, arXiv 1308.3432): rounding counts as the identity, and where the quantizer saturates the gradient
 * is zero, as in PyTorch's {@code fake_quantize}. Scales and zero points are constants.
 */
final class QuantizationGradients {
    private QuantizationGradients() {}

    /** Divided by the scale, where the rounded element is representable. */
    static void quantize(GradientContext c) {
        refuseTrainedScale(c);
        Shape x = c.shape(c.input(0));
        TensorData zero = c.constant(2);
        if (zero == null && !c.input(2).isEmpty()) {
            throw new FieldfareException("the zero point '" + c.input(2) + "' of the "
                    + c.node().describe() + " is computed, so the node has no gradient; train from a later node on");
        }
        ElementType type = zero == null ? ElementType.UINT8 : zero.type();
        long least;
        long greatest;
        switch (type) {
            case INT8 -> {
                least = Byte.MIN_VALUE;
                greatest = Byte.MAX_VALUE;
            }
            case UINT8 -> {
                least = 0;
                greatest = 255;
            }
            default ->
                throw new FieldfareException("the " + c.node().describe() + " quantizes to " + type
                        + ", but there are gradients for int8 and uint8 only; train from a later node on");
        }
        float[] centres = zero == null ? new float[1] : centres(zero, type == ElementType.UINT8);
        String scale = aligned(c, x);
        String codes = c.apply("Round", c.apply("Div", c.input(0), scale));
        String bounded =
                c.apply("Min", c.apply("Max", codes, bounds(c, x, least, centres)), bounds(c, x, greatest, centres));
        String inside = c.apply("Cast", List.of(c.apply("Equal", bounded, codes)), Map.of("to", Attribute.of(1)));
        c.gradInput(0, c.apply("Mul", c.apply("Div", c.gradOutput(0), scale), inside));
    }

    /** Times the scale. */
    static void dequantize(GradientContext c) {
        refuseTrainedScale(c);
        c.gradInput(0, c.apply("Mul", c.gradOutput(0), aligned(c, c.shape(c.input(0)))));
    }

    private static void refuseTrainedScale(GradientContext c) {
        if (c.needsGrad(1) || c.node().integer("block_size", 0) != 0) {
            throw new FieldfareException("the " + c.node().describe() + " has "
                    + (c.needsGrad(1) ? "a trained scale" : "scales for blocks")
                    + ", by which Fieldfare has no gradient; train from a later node on");
        }
    }

    private static float[] centres(TensorData zero, boolean unsigned) {
        float[] centres = new float[zero.bytes().remaining()];
        for (int i = 0; i < centres.length; i++) {
            byte code = zero.bytes().get(i);
            centres[i] = unsigned ? Byte.toUnsignedInt(code) : code;
        }
        return centres;
    }

    /** The scale, in a shape that repeats along all axes but its own. */
    private static String aligned(GradientContext c, Shape x) {
        Shape scale = c.shape(c.input(1));
        return scale.elements() == 1
                ? c.reshape(c.input(1), scale, Shape.of())
                : c.reshape(c.input(1), scale, line(c, x, scale.elements()));
    }

    private static String bounds(GradientContext c, Shape x, long code, float[] centres) {
        float[] bounds = new float[centres.length];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = code - centres[i];
        }
        return bounds.length == 1
                ? c.scalar(bounds[0])
                : c.tensor(TensorData.ofFloats(bounds, line(c, x, bounds.length).sizes()));
    }

    private static Shape line(GradientContext c, Shape x, long count) {
        long[] sizes = new long[x.rank()];
        Arrays.fill(sizes, 1);
        sizes[Math.floorMod(c.node().integer("axis", 1), x.rank())] = count;
        return Shape.of(sizes);
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The gradient of a mean over windows: an input position gets, from each window that it lies in, that window's gradient
 * over the number of positions that count in its mean.
 */
final class AveragePoolGradient {
    private AveragePoolGradient() {}

    static void averagePool(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        Window window = Window.of(
                c.node(), c.node().integers("kernel_shape"), Window.spatial(x.sizes()), Window.spatial(y.sizes()));
        float[] counts = counts(c, window);
        String shares = c.gradOutput(0);
        float share = 1 / counts[0];
        if (!allEqual(counts)) {
            shares = c.apply("Div", shares, c.tensor(TensorData.ofFloats(counts, window.output())));
            share = 1;
        }
        c.gradInput(0, overWindows(c, window, shares, share));
    }

    /** For each input position the sum of the shares of the windows that it lies in, times a factor. */
    static String overWindows(GradientContext c, Window window, String shares, float factor) {
        if (tiles(window)) {
            return repeated(c, window, shares, factor);
        }
        return gathers(window) ? gathered(c, window, shares, factor) : spread(c, window, shares, factor);
    }

    /** Whether the windows lie side by side and cover the input. */
    private static boolean tiles(Window window) {
        return Arrays.equals(window.kernel(), window.strides())
                && Window.allEqual(window.dilations(), 1)
                && Window.allEqual(window.begin(), 0)
                && Window.allEqual(window.end(), 0);
    }

    /** Each element k times in a row, in each dimension; five times as fast as {@link #spread}. */
    private static String repeated(GradientContext c, Window window, String shares, float share) {
        float[] scales = new float[window.rank() + 2];
        Arrays.fill(scales, 1);
        for (int i = 0; i < window.rank(); i++) {
            scales[i + 2] = window.kernel()[i];
        }
        return c.apply(
                "Resize",
                List.of(
                        c.apply("Mul", shares, c.scalar(share)),
                        "",
                        c.tensor(TensorData.ofFloats(scales, scales.length))),
                Map.of(
                        "mode", Attribute.of("nearest"),
                        "nearest_mode", Attribute.of("floor"),
                        "coordinate_transformation_mode", Attribute.of("asymmetric")));
    }

    /** Whether the input positions can gather by windows of the same form. */
    private static boolean gathers(Window window) {
        return !window.hasStrides()
                && Window.allEqual(window.dilations(), 1)
                && Window.allAtLeast(window.turnedPads(), 0);
    }

    /** The sum of the windows that a position lies in, itself a mean times its count; nine times as fast. */
    private static String gathered(GradientContext c, Window window, String shares, float share) {
        float factor = share * window.positions();
        String scaled = factor == 1 ? shares : c.apply("Mul", shares, c.scalar(factor));
        return c.apply(
                "AveragePool",
                List.of(scaled),
                Map.of(
                        "kernel_shape", Attribute.of(window.kernel()),
                        "pads", Attribute.of(window.turnedPads()),
                        "count_include_pad", Attribute.of(1)));
    }

    /** For all other windows: the transpose of a convolution of each channel by one number. */
    private static String spread(GradientContext c, Window window, String shares, float share) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        Shape channels = Convolution.shape(window.input(), x.size(0) * x.size(1), 1);
        Shape pooled = Convolution.shape(window.output(), y.size(0) * y.size(1), 1);
        Shape kernel = Convolution.shape(window.kernel(), 1, 1);
        float[] weight = new float[(int) window.positions()];
        Arrays.fill(weight, share);
        Convolution sum = new Convolution(c, channels, kernel, pooled, 1, window);
        String spread =
                sum.transposed(c.reshape(shares, y, pooled), c.tensor(TensorData.ofFloats(weight, kernel.sizes())));
        return c.reshape(spread, channels, x);
    }

    /** How many positions count in the mean of each window. */
    private static float[] counts(GradientContext c, Window window) {
        boolean countPads = c.node().integer("count_include_pad", 0) != 0;
        float[] counts = {1};
        for (int i = 0; i < window.rank(); i++) {
            float[] outer = counts;
            int size = (int) window.output()[i];
            counts = new float[outer.length * size];
            for (int o = 0; o < counts.length; o++) {
                counts[o] = outer[o / size] * (countPads ? window.kernel()[i] : inside(window, i, o % size));
            }
        }
        return counts;
    }

    private static long inside(Window window, int dimension, long place) {
        long first = window.strides()[dimension] * place - window.begin()[dimension];
        return LongStream.range(0, window.kernel()[dimension])
                .map(k -> first + window.dilations()[dimension] * k)
                .filter(position -> position >= 0 && position < window.input()[dimension])
                .count();
    }

    private static boolean allEqual(float[] counts) {
        for (float count : counts) {
            if (count != counts[0]) {
                return false;
            }
        }
        return true;
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.stream.LongStream;

/** The gradient of a mean over windows: every position of a window has the same share in its mean. */
final class AveragePoolGradient {
    private AveragePoolGradient() {}

    static void averagePool(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        long[] input = Window.spatial(x.sizes());
        long[] output = Window.spatial(y.sizes());
        Window window = Window.of(c.node(), c.node().integers("kernel_shape"), input, output);
        // The sum over a window is a convolution of each channel by ones; its gradient is the transposed one.
        Shape channels = Shape.of(join(x.size(0) * x.size(1), 1, input));
        Shape pooled = Shape.of(join(y.size(0) * y.size(1), 1, output));
        float[] ones = new float[(int) window.positions()];
        Arrays.fill(ones, 1);
        Shape kernel = Shape.of(join(1, 1, window.kernel()));
        String weight = c.tensor(TensorData.ofFloats(ones, kernel.sizes()));
        String shared = c.reshape(shares(c, window), y, pooled);
        Convolution sum = new Convolution(c, channels, kernel, pooled, 1, window);
        c.gradInput(0, c.reshape(sum.transposed(shared, weight), channels, x));
    }

    /** The gradient by the sum of each window: that by its mean over the number of positions that count. */
    private static String shares(GradientContext c, Window window) {
        float[] counts = counts(c, window);
        float first = counts[0];
        for (float count : counts) {
            if (count != first) {
                String divisors = c.tensor(TensorData.ofFloats(counts, window.output()));
                return c.apply("Div", c.gradOutput(0), divisors);
            }
        }
        return c.apply("Mul", c.gradOutput(0), c.scalar(1 / first));
    }

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

    private static long[] join(long first, long second, long[] rest) {
        return LongStream.concat(LongStream.of(first, second), LongStream.of(rest))
                .toArray();
    }
}

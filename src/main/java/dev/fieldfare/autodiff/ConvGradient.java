package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Shape;
import java.util.stream.LongStream;

/**
 * Gradients of convolutions. With X [N, C, ...], W [M, C / group, ...], Y [N, M, ...] a convolution is linear in X and in
 * W, so the gradients are convolutions as well; for ConvTranspose, which carries Y to X, the roles swap.
 */
final class ConvGradient {
    private ConvGradient() {}

    static void conv(GradientContext c) {
        Shape w = c.shape(c.input(1));
        Window window = Window.of(
                c.node(),
                Window.spatial(w.sizes()),
                Window.spatial(c.shape(c.input(0)).sizes()),
                Window.spatial(c.shape(c.output(0)).sizes()));
        Convolution convolution = new Convolution(
                c, c.shape(c.input(0)), w, c.shape(c.output(0)), c.node().integer("group", 1), window);
        String dy = c.gradOutput(0);
        if (c.needsGrad(0)) {
            c.gradInput(0, convolution.transposed(dy, c.input(1)));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, new ConvWeightGradient(convolution).emit(c.input(0), dy));
        }
        bias(c, dy);
    }

    /** X [N, C, ...] is where a convolution's output would be, Y [N, M, ...] its input; W [C, M / group, ...]. */
    static void convTranspose(GradientContext c) {
        Shape x = c.shape(c.input(0));
        Shape w = c.shape(c.input(1));
        Shape y = c.shape(c.output(0));
        Window window = transposed(c, Window.spatial(w.sizes()), Window.spatial(x.sizes()), Window.spatial(y.sizes()));
        Convolution convolution = new Convolution(c, y, w, x, c.node().integer("group", 1), window);
        String dy = c.gradOutput(0);
        if (c.needsGrad(0)) {
            c.gradInput(0, convolution.forward(dy, c.input(1)));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, new ConvWeightGradient(convolution).emit(dy, c.input(0)));
        }
        bias(c, dy);
    }

    /** The window of the convolution from Y to X; padding that output_shape or auto_pad asks for is shared by both ends. */
    private static Window transposed(GradientContext c, long[] kernel, long[] x, long[] y) {
        int rank = kernel.length;
        long[] strides = c.node().integers("strides", Window.ones(rank));
        long[] dilations = c.node().integers("dilations", Window.ones(rank));
        long[] outputPadding = c.node().integers("output_padding", new long[rank]);
        long[] begin = c.node().integers("pads", new long[2 * rank]);
        String autoPad = c.node().text("auto_pad", "NOTSET");
        long[] resolved = new long[rank];
        for (int i = 0; i < rank; i++) {
            if (autoPad.equals("NOTSET") && c.node().integers("output_shape").length == 0) {
                resolved[i] = begin[i];
            } else {
                long all = strides[i] * (x[i] - 1) + outputPadding[i] + dilations[i] * (kernel[i] - 1) + 1 - y[i];
                all = Math.max(all, 0);
                resolved[i] = autoPad.equals("SAME_UPPER") ? all / 2 : all - all / 2;
            }
        }
        return Window.of(kernel, strides, dilations, resolved, y, x);
    }

    /** The bias is added at every position of every picture. */
    private static void bias(GradientContext c, String dy) {
        if (c.needsGrad(2)) {
            Shape y = c.shape(c.output(0));
            long[] axes =
                    LongStream.range(0, y.rank()).filter(axis -> axis != 1).toArray();
            c.gradInput(2, c.reshape(c.sumOver(dy, axes), y.with(0, 1), c.shape(c.input(2))));
        }
    }
}

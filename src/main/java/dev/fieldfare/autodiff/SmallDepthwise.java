package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Both gradients of a depthwise convolution of small pictures, as matrix products for each channel: lines of pixels take
 * the place of single pixels, so a product has a few times the work, but there is one for a channel instead of several
 * convolutions for each channel of each picture, whose setting up takes longer than their work. For a 3 x 3 kernel on
 * [4, 576, 8, 8], both gradients together take 0.8 ms instead of 1.7; at 14 x 14 the times are equal.
 */
record SmallDepthwise(Convolution of) {
    private static final long MOST_POSITIONS = 100;

    boolean applies() {
        Window window = of.window();
        return of.isDepthwise()
                && !of.isDirect()
                && window.input()[0] * window.input()[1] <= MOST_POSITIONS
                && Window.allAtLeast(window.turnedPads(), 0);
    }

    /** Each line of X gathers from the lines of Y through the kernel, written as a band matrix. */
    String byInput(String output, String weight) {
        GradientContext c = of.c();
        long[] kernel = of.window().kernel();
        long[] x = of.window().input();
        long channels = of.groups();
        long width = of.window().output()[1];
        String flat = c.apply("Reshape", weight, c.longs(channels * kernel[0], kernel[1]));
        String bands = c.apply("MatMul", flat, diagonals());
        bands = c.apply("Reshape", bands, c.longs(channels, kernel[0] * width, x[1]));
        Shape transposed = Convolution.shape(x, channels, pictures());
        String product = c.apply("Reshape", c.apply("MatMul", read(output), bands), c.longs(transposed.sizes()));
        return c.permute(product, transposed, 1, 0);
    }

    /** The products of all columns of X and Y, of which those on the diagonals of the band are summed. */
    String byWeight(String input, String output) {
        GradientContext c = of.c();
        long[] kernel = of.window().kernel();
        long[] x = of.window().input();
        long channels = of.groups();
        long width = of.window().output()[1];
        String lines = c.apply("Reshape", c.permute(input, of.x(), 1, 0), c.longs(channels, pictures() * x[0], x[1]));
        Shape reads = Shape.of(channels, pictures() * x[0], kernel[0] * width);
        String products = c.apply("MatMul", c.permute(read(output), reads, 0, 2, 1), lines);
        products = c.apply("Reshape", products, c.longs(channels * kernel[0], width * x[1]));
        String sums = c.apply("Gemm", List.of(products, diagonals()), Map.of("transB", Attribute.of(1)));
        return c.apply("Reshape", sums, c.longs(of.w().sizes()));
    }

    private long pictures() {
        return of.x().size(0);
    }

    /**
     * For each line of X the lines of Y that read it, side by side in the order of the kernel's lines: [channels, pictures
     * times height, lines of the kernel times width of Y]. ONNX Runtime finds that both gradients read the same.
     */
    private String read(String output) {
        GradientContext c = of.c();
        long height = of.window().input()[0];
        long kernelHeight = of.window().kernel()[0];
        long[] pads = of.window().turnedPads();
        String padded = c.apply("Pad", c.permute(output, of.y(), 1, 0), c.longs(0, 0, pads[0], 0, 0, 0, pads[2], 0));
        List<String> lines = new ArrayList<>();
        for (long line = kernelHeight - 1; line >= 0; line--) {
            lines.add(c.apply("Slice", padded, c.longs(line), c.longs(line + height), c.longs(2)));
        }
        String all = c.apply("Concat", lines, Map.of("axis", Attribute.of(3)));
        long width = kernelHeight * of.window().output()[1];
        return c.apply("Reshape", all, c.longs(of.groups(), pictures() * height, width));
    }

    /** Ones where the output column reads the input column: [kernel column, output column times input column]. */
    private String diagonals() {
        int kernel = (int) of.window().kernel()[1];
        int input = (int) of.window().input()[1];
        int output = (int) of.window().output()[1];
        float[] ones = new float[kernel * output * input];
        for (int k = 0; k < kernel; k++) {
            for (int o = 0; o < output; o++) {
                int i = o + k - (int) of.window().begin()[1];
                if (i >= 0 && i < input) {
                    ones[(k * output + o) * input + i] = 1;
                }
            }
        }
        return of.c().tensor(TensorData.ofFloats(ones, kernel, (long) output * input));
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Node;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The geometry of a convolution or of a pooling: output position o reads, at kernel position k, the input position
 * {@code stride * o + dilation * k - begin}. One number for each spatial dimension.
 *
 * @param kernel positions of the kernel, at least 1
 * @param begin how far the first window reaches beyond the first input position, at least 0
 * @param end how far the last window reaches beyond the last input position; negative where it falls short of it, because
 *     the strides do not divide the input
 * @param input sizes on the side of the convolution's input
 * @param output sizes on the side of its output
 */
record Window(long[] kernel, long[] strides, long[] dilations, long[] begin, long[] end, long[] input, long[] output) {

    /** The geometry of a Conv or pooling node, in the order of {@code auto_pad} and {@code pads} of its attributes. */
    static Window of(Node node, long[] kernel, long[] input, long[] output) {
        int rank = kernel.length;
        long[] strides = node.integers("strides", ones(rank));
        long[] dilations = node.integers("dilations", ones(rank));
        String autoPad = node.text("auto_pad", "NOTSET");
        long[] begin = Arrays.copyOf(node.integers("pads", new long[2 * rank]), rank);
        if (!autoPad.equals("NOTSET")) {
            for (int i = 0; i < rank; i++) {
                long needed = Math.max(0, strides[i] * (output[i] - 1) + dilations[i] * (kernel[i] - 1) + 1 - input[i]);
                begin[i] = switch (autoPad) {
                    case "SAME_UPPER" -> needed / 2;
                    case "SAME_LOWER" -> needed - needed / 2;
                    default -> 0;
                };
            }
        }
        return of(kernel, strides, dilations, begin, input, output);
    }

    /** The geometry where the padding at the beginning is known; that at the end follows from the sizes. */
    static Window of(long[] kernel, long[] strides, long[] dilations, long[] begin, long[] input, long[] output) {
        long[] end = new long[kernel.length];
        for (int i = 0; i < end.length; i++) {
            end[i] = strides[i] * (output[i] - 1) + dilations[i] * (kernel[i] - 1) + 1 - begin[i] - input[i];
        }
        return new Window(kernel, strides, dilations, begin, end, input, output);
    }

    int rank() {
        return kernel.length;
    }

    /** Kernel positions in all. */
    long positions() {
        return Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
    }

    /** What a Conv of this geometry has as {@code pads}; what its last window leaves unread needs none. */
    long[] pads() {
        return IntStream.range(0, 2 * rank())
                .mapToLong(i -> i < rank() ? begin[i] : Math.max(end[i - rank()], 0))
                .toArray();
    }

    /** What a ConvTranspose from output to input has as {@code output_padding}. */
    long[] unread() {
        return Arrays.stream(end).map(e -> Math.max(-e, 0)).toArray();
    }

    /**
     * Without strides, the padding of the convolution from output to input with the turned kernel; negative where there is
     * more padding than the kernel reaches.
     */
    long[] turnedPads() {
        long[] pads = new long[2 * rank()];
        for (int i = 0; i < rank(); i++) {
            long reach = dilations[i] * (kernel[i] - 1);
            pads[i] = reach - begin[i];
            pads[rank() + i] = reach - end[i];
        }
        return pads;
    }

    boolean hasStrides() {
        return !allEqual(strides, 1);
    }

    /** Whether each output position reads just the input position of the same place. */
    boolean isPointwise() {
        return allEqual(kernel, 1) && !hasStrides() && Arrays.equals(input, output) && allEqual(begin, 0);
    }

    static boolean allEqual(long[] values, long value) {
        return Arrays.stream(values).allMatch(v -> v == value);
    }

    static boolean allAtLeast(long[] values, long least) {
        return Arrays.stream(values).allMatch(v -> v >= least);
    }

    static long[] ones(int rank) {
        long[] ones = new long[rank];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The sizes of a shape from its third dimension on. */
    static long[] spatial(long[] sizes) {
        return Arrays.copyOfRange(sizes, 2, sizes.length);
    }
}

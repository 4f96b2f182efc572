package dev.fieldfare.autodiff;

/**
 * What the runtime has fast kernels for; the right form of a gradient depends on it.
 *
 * @param channelBlock it convolves depthwise right from the pictures where the channels are a multiple of this; 1 if it never
 *     does, but unrolls what each window reads
 */
public record Kernels(int channelBlock) {
    /** What every ONNX Runtime has. */
    public static final Kernels STANDARD = new Kernels(1);

    /** Whether a depthwise convolution of so many channels is fast as it is. */
    boolean areDirect(long channels) {
        return channelBlock > 1 && channels % channelBlock == 0;
    }
}

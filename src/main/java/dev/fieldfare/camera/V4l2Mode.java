package dev.fieldfare.camera;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One way in which a camera can send frames.
 *
 * @param framesPerSecond at most; infinite where the driver does not tell
 */
record V4l2Mode(V4l2Encoding encoding, int width, int height, double framesPerSecond) {
    /** 29.97 frames a second are 30 to anybody who asks for them. */
    private static final double ENOUGH = 0.98;

    /** Decoding a JPEG costs more than anything else about a frame, but less than to come too late by a tenth. */
    private static final double COMPRESSED = 0.05;

    private static final double COLOURLESS = 3;

    /**
     * The mode that suits best: first near in size, rather too large than too small; then fast enough; then not
     * compressed; then with the fewest bytes; then not faster than needed.
     */
    static Optional<V4l2Mode> choose(List<V4l2Mode> modes, int width, int height, double framesPerSecond) {
        return modes.stream()
                .min(Comparator.comparingDouble((V4l2Mode mode) -> mode.cost(width, height, framesPerSecond))
                        .thenComparing(V4l2Mode::encoding)
                        .thenComparing(V4l2Mode::framesPerSecond));
    }

    private double cost(int wantedWidth, int wantedHeight, double wantedRate) {
        double size = 2 * (off(width, wantedWidth) + off(height, wantedHeight));
        double late = framesPerSecond >= ENOUGH * wantedRate ? 0 : Math.log(wantedRate / framesPerSecond);
        boolean compressed = encoding == V4l2Encoding.MJPG || encoding == V4l2Encoding.JPEG;
        return size + late + (compressed ? COMPRESSED : 0) + (encoding == V4l2Encoding.GREY ? COLOURLESS : 0);
    }

    /** How far a side is from the wanted one, as a ratio; pixels that are missing count more than ones too many. */
    private static double off(int side, int wanted) {
        double ratio = Math.log((double) side / wanted);
        return ratio < 0 ? -3 * ratio : ratio;
    }

    @Override
    public String toString() {
        String rate = Double.isInfinite(framesPerSecond) ? "" : " at " + Math.round(framesPerSecond * 10) / 10.0 + "/s";
        return encoding + " " + width + " x " + height + rate;
    }
}

package dev.fieldfare.image;

/**
 * A change of a picture's colours, the same for all its pixels: one affine map from red, green and blue to red, green
 * and blue, rounded and clipped to 0 to 255 at its end. Brightness first, then contrast, saturation and hue. All four
 * leave grey grey.
 *
 * @param brightness what all samples are multiplied by, not negative; 1 changes nothing
 * @param contrast what distances from the middle, 127.5, are multiplied by, not negative; 1 changes nothing. (Pillow
 *     takes distances from the picture's own mean, for which it would have to be read twice)
 * @param saturation what distances from the pixel's own grey (luma of ITU-R 601) are multiplied by, not negative; 1
 *     changes nothing, 0 makes the picture grey
 * @param hue angle in degrees by which the colour differences U and V of PAL and NTSC are turned, as by the hue control
 *     of a television; luma stays. 0 changes nothing
 */
public record ColourChange(double brightness, double contrast, double saturation, double hue) {
    public static final ColourChange NONE = new ColourChange(1, 1, 1, 0);

    private static final double MIDDLE = 127.5;
    private static final double RED = 0.299;
    private static final double GREEN = 0.587;
    private static final double BLUE = 0.114;

    /** U is {@code 0.492 (blue - luma)}, V is {@code 0.877 (red - luma)}. */
    private static final double U = 0.492;

    private static final double V = 0.877;

    public ColourChange {
        if (!isFactor(brightness) || !isFactor(contrast) || !isFactor(saturation) || !Double.isFinite(hue)) {
            throw new IllegalArgumentException("factors must not be negative and the hue must be finite: " + brightness
                    + ", " + contrast + ", " + saturation + ", " + hue);
        }
    }

    private static boolean isFactor(double factor) {
        return factor >= 0 && Double.isFinite(factor);
    }

    /** Changes the first samples of a line: three a pixel, red first, or one a pixel if the picture is grey. */
    void apply(byte[] samples, int count, int channels) {
        float gain = (float) (brightness * contrast);
        float offset = (float) ((1 - contrast) * MIDDLE + 0.5); // a half, to round by cutting off
        if (channels == 1) {
            for (int i = 0; i < count; i++) {
                samples[i] = clip(gain * (samples[i] & 0xFF) + offset);
            }
            return;
        }
        double angle = Math.toRadians(hue);
        float same = (float) (gain * saturation * Math.cos(angle));
        float redOfBlue = (float) (gain * saturation * Math.sin(angle) * U / V);
        float blueOfRed = (float) (-gain * saturation * Math.sin(angle) * V / U);
        for (int i = 0; i < count; i += 3) {
            int red = samples[i] & 0xFF;
            int green = samples[i + 1] & 0xFF;
            int blue = samples[i + 2] & 0xFF;
            float luma = (float) (RED * red + GREEN * green + BLUE * blue);
            float redDifference = same * (red - luma) + redOfBlue * (blue - luma);
            float blueDifference = same * (blue - luma) + blueOfRed * (red - luma);
            // The three differences from luma have no luma themselves.
            float greenDifference = (float) -((RED * redDifference + BLUE * blueDifference) / GREEN);
            float grey = gain * luma + offset;
            samples[i] = clip(grey + redDifference);
            samples[i + 1] = clip(grey + greenDifference);
            samples[i + 2] = clip(grey + blueDifference);
        }
    }

    private static byte clip(float sample) {
        return (byte) Math.clamp((long) sample, 0, 255);
    }
}

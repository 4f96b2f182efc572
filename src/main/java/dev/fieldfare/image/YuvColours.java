package dev.fieldfare.image;

/**
 * How red, green and blue became Y (luma), U and V (colour differences, Cb and Cr): the weights of ITU-R BT.601 or
 * BT.709, in 8 bits of limited range (Y 16 to 235, U and V 16 to 240) or full range (0 to 255 each). U and V of grey
 * are 128.
 */
public enum YuvColours {
    /** What cameras and videos of standard definition use; the Pi's camera for anything below 1280 x 720. */
    BT601_LIMITED(0.299, 0.114, 219, 224, 16),
    /** What JPEG uses. */
    BT601_FULL(0.299, 0.114, 255, 255, 0),
    /** What videos of high definition use. */
    BT709_LIMITED(0.2126, 0.0722, 219, 224, 16),
    BT709_FULL(0.2126, 0.0722, 255, 255, 0);

    static final int BITS = 16;
    private static final int HALF = 1 << (BITS - 1);

    /** What luma above black, and V and U without 128, are multiplied by, in fixed point of {@link #BITS} bits. */
    private final int luma;

    private final int redOfV;
    private final int greenOfU;
    private final int greenOfV;
    private final int blueOfU;
    private final int black;

    /** @param red the weight of red in luma, Kr; {@code blue} likewise, Kb. BT.601-7, 2.5; BT.709-6, 3.2 to 3.4 */
    YuvColours(double red, double blue, int lumaRange, int differenceRange, int black) {
        double green = 1 - red - blue;
        double differences = 255.0 / differenceRange;
        this.luma = fixed(255.0 / lumaRange);
        this.redOfV = fixed(2 * (1 - red) * differences);
        this.greenOfU = fixed(-2 * (1 - blue) * blue / green * differences);
        this.greenOfV = fixed(-2 * (1 - red) * red / green * differences);
        this.blueOfU = fixed(2 * (1 - blue) * differences);
        this.black = black;
    }

    private static int fixed(double factor) {
        return (int) Math.round(factor * (1 << BITS));
    }

    /** Whether Y alone, brought to full range, is the luma that {@link Preprocessing.Colour#GRAY} means. */
    boolean lumaIsGrey() {
        return this == BT601_LIMITED || this == BT601_FULL;
    }

    /**
     * Converts a line of pixels.
     *
     * @param y luma, {@code count} samples
     * @param uv U and V in turns, {@code 2 * count} samples
     * @param rgb receives {@code 3 * count} samples
     */
    void toRgb(byte[] y, byte[] uv, int count, byte[] rgb) {
        int lumaFactor = luma;
        int redFactor = redOfV;
        int greenFactorU = greenOfU;
        int greenFactorV = greenOfV;
        int blueFactor = blueOfU;
        int offset = HALF - lumaFactor * black;
        int to = 0;
        for (int i = 0, j = 0; i < count; i++, j += 2, to += 3) {
            int grey = lumaFactor * (y[i] & 0xFF) + offset;
            int u = (uv[j] & 0xFF) - 128;
            int v = (uv[j + 1] & 0xFF) - 128;
            int red = (grey + redFactor * v) >> BITS;
            int green = (grey + greenFactorU * u + greenFactorV * v) >> BITS;
            int blue = (grey + blueFactor * u) >> BITS;
            rgb[to] = (byte) (red < 0 ? 0 : red > 255 ? 255 : red);
            rgb[to + 1] = (byte) (green < 0 ? 0 : green > 255 ? 255 : green);
            rgb[to + 2] = (byte) (blue < 0 ? 0 : blue > 255 ? 255 : blue);
        }
    }

    /** Brings luma to full range, in place. */
    void toGrey(byte[] y, int count) {
        if (black == 0) {
            return;
        }
        int offset = HALF - luma * black;
        for (int i = 0; i < count; i++) {
            int grey = (luma * (y[i] & 0xFF) + offset) >> BITS;
            y[i] = (byte) (grey < 0 ? 0 : grey > 255 ? 255 : grey);
        }
    }
}

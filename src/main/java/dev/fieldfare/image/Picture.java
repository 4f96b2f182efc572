package dev.fieldfare.image;

import java.util.Objects;

/**
 * A decoded picture, upright: 8 bits a channel, sRGB, row by row from the top left, three bytes a pixel (red, green,
 * blue). The bytes are shared, not copied: whoever makes a picture hands the array over and leaves it alone.
 */
public final class Picture {
    private final int width;
    private final int height;
    private final byte[] rgb;

    /**
     * @param width columns, at least 1
     * @param height rows, at least 1
     * @param rgb {@code width * height * 3} bytes
     * @throws IllegalArgumentException if the array has another length
     */
    public Picture(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "a picture of " + width + " x " + height + " pixels cannot have " + rgb.length + " bytes");
        }
        this.width = width;
        this.height = height;
        this.rgb = Objects.requireNonNull(rgb);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The pixels themselves, not a copy; not to be modified. */
    public byte[] rgb() {
        return rgb;
    }
}

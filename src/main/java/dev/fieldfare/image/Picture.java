package dev.fieldfare.image;

import java.util.Objects;

/**
 * A decoded picture, upright: 8 bits a channel, sRGB, row by row from the top left, three bytes a pixel (red, green,
 * blue). The bytes are shared, not copied: whoever makes a picture hands the array over and leaves it alone.
 */
public final class Picture implements Pixels {
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

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    /** The pixels themselves, not a copy; not to be modified. */
    public byte[] rgb() {
        return rgb;
    }

    @Override
    public Picture toPicture() {
        return this;
    }

    @Override
    public Picture turned(int degrees) {
        if (degrees == 0) {
            return this;
        }
        PixelFormat.Plane from = new PixelFormat.Plane(0, 3 * width, 3, width, height).turned(degrees);
        byte[] turned = new byte[rgb.length];
        int to = 0;
        for (int y = 0; y < from.height(); y++) {
            int source = from.offset() + y * from.rowStep();
            for (int x = 0; x < from.width(); x++, source += from.step(), to += 3) {
                turned[to] = rgb[source];
                turned[to + 1] = rgb[source + 1];
                turned[to + 2] = rgb[source + 2];
            }
        }
        return new Picture(from.width(), from.height(), turned);
    }

    @Override
    public double brightness() {
        long sum = 0;
        long count = 0;
        int across = Math.max(1, width / YuvPixels.GRID);
        int down = Math.max(1, height / YuvPixels.GRID);
        for (int y = down / 2; y < height; y += down) {
            for (int x = across / 2; x < width; x += across, count++) {
                sum += GreyColumns.luma(rgb, 3 * (y * width + x)) & 0xFF;
            }
        }
        return (double) sum / count;
    }
}

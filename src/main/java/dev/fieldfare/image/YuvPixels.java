package dev.fieldfare.image;

import org.jspecify.annotations.Nullable;

/**
 * Pixels as a camera delivers them: luma at full size, colour differences at half of it. Over bytes that are lent, not
 * copied: whoever owns them may write the next frame into them, which these pixels then show.
 *
 * <p>U and V are taken to lie in the middle of the pixels that they belong to.
 */
public final class YuvPixels implements Pixels {
    /** Places that brightness is taken from, along each side. */
    static final int GRID = 24;

    private final YuvColours colours;
    private final byte[] bytes;
    private final PixelFormat.Plane luma;
    private final PixelFormat.@Nullable Plane u;
    private final PixelFormat.@Nullable Plane v;

    /**
     * @param width columns, 1 to 16384
     * @param height rows, 1 to 16384
     * @param stride bytes from the start of one row of luma to that of the next, see {@link PixelFormat#frameBytes}
     * @param bytes the frame, from the first byte on; what is behind it is ignored
     * @throws IllegalArgumentException if rows or the frame do not fit
     */
    public YuvPixels(PixelFormat format, YuvColours colours, int width, int height, int stride, byte[] bytes) {
        this(
                colours,
                checked(format, width, height, stride, bytes),
                format.luma(width, height, stride),
                format.u(width, height, stride),
                format.v(width, height, stride));
    }

    private YuvPixels(
            YuvColours colours,
            byte[] bytes,
            PixelFormat.Plane luma,
            PixelFormat.@Nullable Plane u,
            PixelFormat.@Nullable Plane v) {
        this.colours = colours;
        this.bytes = bytes;
        this.luma = luma;
        this.u = u;
        this.v = v;
    }

    private static byte[] checked(PixelFormat format, int width, int height, int stride, byte[] bytes) {
        int most = PixelFormat.MAX_SIDE;
        if (width < 1
                || width > most
                || height < 1
                || height > most
                || stride < format.rowBytes(width)
                || stride > 4 * most
                || bytes.length < format.frameBytes(height, stride)) {
            throw new IllegalArgumentException("a frame of " + width + " x " + height + " pixels in " + format
                    + " cannot have rows of " + stride + " bytes and " + bytes.length + " bytes in all");
        }
        return bytes;
    }

    /** Pixels whose rows are not padded, in bytes of their own, black or green until they are written. */
    public static YuvPixels allocate(PixelFormat format, YuvColours colours, int width, int height) {
        int stride = format.rowBytes(width);
        return new YuvPixels(format, colours, width, height, stride, new byte[format.frameBytes(height, stride)]);
    }

    @Override
    public int width() {
        return luma.width();
    }

    @Override
    public int height() {
        return luma.height();
    }

    public YuvColours colours() {
        return colours;
    }

    /** The bytes themselves, not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public YuvPixels turned(int degrees) {
        return new YuvPixels(
                colours,
                bytes,
                luma.turned(degrees),
                u == null ? null : u.turned(degrees),
                v == null ? null : v.turned(degrees));
    }

    PixelFormat.Plane luma() {
        return luma;
    }

    PixelFormat.@Nullable Plane u() {
        return u;
    }

    PixelFormat.@Nullable Plane v() {
        return v;
    }

    /** Colour differences are interpolated between the pixels that they belong to. */
    @Override
    public Picture toPicture() {
        int width = width();
        int height = height();
        ResizedRows rows = new YuvRows(
                this,
                3,
                Interpolation.BILINEAR,
                new ResizedRows.Stretch(width, width, 0, width),
                new ResizedRows.Stretch(height, height, 0, height));
        byte[] line = new byte[3 * width];
        byte[] all = new byte[line.length * height];
        for (int y = 0; y < height; y++) {
            rows.row(y, line);
            System.arraycopy(line, 0, all, y * line.length, line.length);
        }
        return new Picture(width, height, all);
    }

    /** In the camera's range, limited or full. */
    @Override
    public double brightness() {
        long sum = 0;
        long count = 0;
        int across = Math.max(1, width() / GRID);
        int down = Math.max(1, height() / GRID);
        for (int y = down / 2; y < height(); y += down) {
            for (int x = across / 2; x < width(); x += across, count++) {
                sum += bytes[luma.offset() + y * luma.rowStep() + x * luma.step()] & 0xFF;
            }
        }
        return (double) sum / count;
    }
}

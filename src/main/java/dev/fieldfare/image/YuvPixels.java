package dev.fieldfare.image;

import org.jspecify.annotations.Nullable;

/**
 * Pixels as a camera delivers them: luma at full size, colour differences at half of it. Over bytes that are lent, not
 * copied: whoever owns them may write the next frame into them, which these pixels then show.
 *
 * <p>U and V are taken to lie in the middle of the pixels that they belong to.
 */
public final class YuvPixels implements Pixels {
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

    @Override
    public Picture toPicture() {
        int width = width();
        byte[] y = new byte[width];
        byte[] uv = new byte[2 * width];
        byte[] rgb = new byte[3 * width];
        byte[] all = new byte[3 * width * height()];
        for (int row = 0; row < height(); row++) {
            for (int x = 0; x < width; x++) {
                y[x] = bytes[luma.offset() + row * luma.rowStep() + x * luma.step()];
                uv[2 * x] = nearest(u, x, row);
                uv[2 * x + 1] = nearest(v, x, row);
            }
            colours.toRgb(y, uv, width, rgb);
            System.arraycopy(rgb, 0, all, row * rgb.length, rgb.length);
        }
        return new Picture(width, height(), all);
    }

    private byte nearest(PixelFormat.@Nullable Plane plane, int x, int y) {
        if (plane == null) {
            return (byte) 128;
        }
        int column = plane.width() == luma.width() ? x : x / 2;
        int row = plane.height() == luma.height() ? y : y / 2;
        return bytes[plane.offset() + row * plane.rowStep() + column * plane.step()];
    }
}

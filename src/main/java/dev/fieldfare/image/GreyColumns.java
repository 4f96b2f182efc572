package dev.fieldfare.image;

/** Rows of a picture in grey, resized to the window's columns. */
final class GreyColumns implements Resampler.Columns {
    private final Picture picture;
    private final Resampler.Taps columns;
    private final byte[] grey;
    private final PlaneColumns narrow;

    GreyColumns(Picture picture, Resampler.Taps columns) {
        this.picture = picture;
        this.columns = columns;
        this.grey = new byte[picture.width()];
        this.narrow = new PlaneColumns(grey, new PixelFormat.Plane(0, 0, 1, grey.length, 1), columns);
    }

    @Override
    public int samples() {
        return columns.count();
    }

    @Override
    public void narrow(int sourceRow, byte[] line) {
        int last = columns.count() - 1;
        int end = columns.first[last] + columns.length[last];
        int from = 3 * (sourceRow * picture.width() + columns.first[0]);
        for (int x = columns.first[0]; x < end; x++, from += 3) {
            grey[x] = luma(picture.rgb(), from);
        }
        narrow.narrow(0, line);
    }

    /** As Pillow's {@code convert("L")}: luma of ITU-R 601 in 16-bit fixed point. */
    static byte luma(byte[] rgb, int at) {
        int red = rgb[at] & 0xFF;
        int green = rgb[at + 1] & 0xFF;
        int blue = rgb[at + 2] & 0xFF;
        return (byte) ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16);
    }
}

package dev.fieldfare.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A part of a camera's pixels, resized: each plane at its own resolution, and only what comes out of that is converted
 * to red, green and blue. A picture of the camera's size is never made.
 */
final class YuvRows implements ResizedRows {
    private final YuvColours colours;
    private final int width;
    private final int channels;
    private final Resampler luma;
    /** Absent where it is not needed, or not there. */
    private final @Nullable Resampler chroma;

    private final byte[] y;
    private final byte[] uv;
    private final byte[] rgb;

    YuvRows(YuvPixels pixels, int channels, Interpolation interpolation, Stretch across, Stretch down) {
        this.colours = pixels.colours();
        this.width = across.count();
        this.channels = channels;
        this.luma = new Resampler(
                new PlaneColumns(pixels.bytes(), pixels.luma(), across.taps(interpolation)), down.taps(interpolation));
        this.chroma = channels == 1 && colours.lumaIsGrey() ? null : chroma(pixels, interpolation, across, down);
        this.y = new byte[width];
        this.uv = new byte[2 * width];
        this.rgb = new byte[channels == 1 && chroma != null ? 3 * width : 0];
        Arrays.fill(uv, (byte) 128);
    }

    private static @Nullable Resampler chroma(
            YuvPixels pixels, Interpolation interpolation, Stretch across, Stretch down) {
        PixelFormat.Plane u = pixels.u();
        PixelFormat.Plane v = pixels.v();
        if (u == null || v == null) {
            return null;
        }
        return new Resampler(
                new ChromaColumns(
                        pixels.bytes(),
                        u,
                        v,
                        across.taps(interpolation, u.width(), u.width() == pixels.width() ? 1 : 2)),
                down.taps(interpolation, u.height(), u.height() == pixels.height() ? 1 : 2));
    }

    @Override
    public void row(int row, byte[] line) {
        if (channels == 1 && chroma == null) {
            luma.row(row, line);
            colours.toGrey(line, width);
            return;
        }
        luma.row(row, y);
        if (chroma != null) {
            chroma.row(row, uv);
        }
        if (channels == 3) {
            colours.toRgb(y, uv, width, line);
            return;
        }
        colours.toRgb(y, uv, width, rgb);
        for (int x = 0; x < width; x++) {
            line[x] = GreyColumns.luma(rgb, 3 * x);
        }
    }
}

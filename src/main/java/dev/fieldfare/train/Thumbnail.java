package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Small JPEG pictures for the report. */
public final class Thumbnail {
    /** Neither side of a thumbnail is longer, in pixels. */
    public static final int SIDE = 96;

    private Thumbnail() {}

    /**
     * The picture as a JPEG file, its shape kept, no side longer than {@link #SIDE}; smaller pictures keep their size.
     * Every pixel is the mean of those that it covers.
     */
    public static byte[] jpeg(Picture picture) {
        double scale = Math.min(1, SIDE / (double) Math.max(picture.width(), picture.height()));
        int width = Math.max(1, (int) Math.round(picture.width() * scale));
        int height = Math.max(1, (int) Math.round(picture.height() * scale));
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            int top = (int) ((long) y * picture.height() / height);
            int bottom = (int) ((y + 1L) * picture.height() / height);
            for (int x = 0; x < width; x++) {
                int left = (int) ((long) x * picture.width() / width);
                int right = (int) ((x + 1L) * picture.width() / width);
                image.setRGB(x, y, mean(picture, left, right, top, bottom));
            }
        }
        var bytes = new ByteArrayOutputStream();
        // The cache of ImageIO would be a file in the system's temporary folder.
        ImageIO.setUseCache(false);
        try {
            if (!ImageIO.write(image, "jpg", bytes)) {
                throw new IllegalStateException("this Java has no JPEG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** The same of a file. */
    public static byte[] of(Path file) {
        return jpeg(OneAtATime.read(file, SIDE));
    }

    private static int mean(Picture picture, int left, int right, int top, int bottom) {
        byte[] rgb = picture.rgb();
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int at = 3 * (y * picture.width() + x);
                red += rgb[at] & 0xFF;
                green += rgb[at + 1] & 0xFF;
                blue += rgb[at + 2] & 0xFF;
            }
        }
        long count = (long) (right - left) * (bottom - top);
        return (int) ((red + count / 2) / count << 16 | (green + count / 2) / count << 8 | (blue + count / 2) / count);
    }
}

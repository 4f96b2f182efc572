package dev.fieldfare.image;

import dev.fieldfare.FieldfareException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes pictures to files. */
public final class PictureWriter {
    private PictureWriter() {}

    /**
     * Writes a picture without loss, as PNG. The same picture gives the same bytes.
     *
     * @throws FieldfareException naming the file if it cannot be written
     */
    public static void writePng(Picture picture, Path file) {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = picture.rgb();
        for (int y = 0, i = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++, i += 3) {
                image.setRGB(x, y, (rgb[i] & 0xFF) << 16 | (rgb[i + 1] & 0xFF) << 8 | rgb[i + 2] & 0xFF);
            }
        }
        try (var stream = Files.newOutputStream(file)) {
            if (!ImageIO.write(image, "png", stream)) {
                throw new IllegalStateException("every Java platform writes PNG");
            }
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot write the picture " + file + ": " + e.getMessage() + "; check free space and permissions",
                    e);
        }
    }
}

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.image.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThumbnailTest {
    private static BufferedImage thumbnail(int width, int height, byte[] rgb) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(Thumbnail.jpeg(new Picture(width, height, rgb))));
    }

    @ParameterizedTest
    @CsvSource({
        "640, 480, 96, 72",
        "480, 640, 72, 96",
        "96, 96, 96, 96",
        "32, 20, 32, 20",
        "5000, 1, 96, 1",
        "1, 1, 1, 1"
    })
    void keepsTheShape(int width, int height, int expectedWidth, int expectedHeight) throws IOException {
        BufferedImage image = thumbnail(width, height, new byte[width * height * 3]);
        assertEquals(expectedWidth, image.getWidth());
        assertEquals(expectedHeight, image.getHeight());
    }

    @Test
    void everyPixelIsTheMeanOfThoseItCovers() throws IOException {
        // Orange left, a checkerboard of black and white right: the right half must come out grey, not striped.
        int width = 400;
        int height = 200;
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                boolean left = x < width / 2;
                int value = (x + y) % 2 == 0 ? 255 : 0;
                rgb[at] = (byte) (left ? 240 : value);
                rgb[at + 1] = (byte) (left ? 140 : value);
                rgb[at + 2] = (byte) (left ? 20 : value);
            }
        }
        BufferedImage image = thumbnail(width, height, rgb);
        assertColour(240, 140, 20, image.getRGB(20, 20));
        assertColour(128, 128, 128, image.getRGB(76, 20));
        assertColour(128, 128, 128, image.getRGB(77, 21));
    }

    /** JPEG loses a little. */
    private static void assertColour(int red, int green, int blue, int actual) {
        assertEquals(red, actual >> 16 & 0xFF, 12);
        assertEquals(green, actual >> 8 & 0xFF, 12);
        assertEquals(blue, actual & 0xFF, 12);
    }
}

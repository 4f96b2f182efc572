package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
    /** Checksums of what Pillow 12.3 makes of the same picture: {@code [convert("L")].resize((w, h), filter)}. */
    @ParameterizedTest
    @CsvSource({
        "97, 61, 3, BILINEAR, 32, 20, e7522c03",
        "97, 61, 3, BICUBIC, 32, 20, 7abe199c",
        "97, 61, 1, BILINEAR, 31, 17, a59613a6",
        "97, 61, 1, BICUBIC, 31, 17, b941f3ce",
        "13, 9, 3, BILINEAR, 40, 31, 872122b6",
        "13, 9, 3, BICUBIC, 40, 31, dc0c0097",
        "640, 3, 3, BILINEAR, 5, 7, e73211c0",
        "50, 50, 3, BILINEAR, 50, 50, dfbcc4bf",
        "1, 1, 3, BICUBIC, 4, 4, b769996d",
        "1000, 800, 3, BILINEAR, 3, 2, 57a44c7c",
    })
    void equalsPillow(
            int width, int height, int channels, Interpolation interpolation, int newWidth, int newHeight, String crc) {
        Picture picture = Pictures.formula(width, height);
        byte[] resized = window(picture, channels, interpolation, newWidth, newHeight, 0, 0, newWidth, newHeight);
        CRC32 sum = new CRC32();
        sum.update(resized);
        assertEquals(crc, String.format("%08x", sum.getValue()));
    }

    @Test
    void isWithinOneLevelOfTheFilterInDoublePrecision() {
        Picture picture = Pictures.formula(83, 59);
        byte[] resized = window(picture, 3, Interpolation.BILINEAR, 23, 37, 0, 0, 23, 37);
        for (int y = 0; y < 37; y++) {
            for (int x = 0; x < 23; x++) {
                for (int c = 0; c < 3; c++) {
                    double exact = triangle(picture, 23, 37, x, y, c);
                    assertEquals(exact, resized[3 * (23 * y + x) + c] & 0xFF, 1.0, "at " + x + ", " + y + ", " + c);
                }
            }
        }
    }

    /** The definition, not separated, in doubles: all pixels weighed by the product of two triangles. */
    private static double triangle(Picture picture, int newWidth, int newHeight, int x, int y, int channel) {
        double scaleX = (double) picture.width() / newWidth;
        double scaleY = (double) picture.height() / newHeight;
        double sum = 0;
        double weights = 0;
        for (int row = 0; row < picture.height(); row++) {
            for (int column = 0; column < picture.width(); column++) {
                double across = Math.abs(column + 0.5 - (x + 0.5) * scaleX) / Math.max(1, scaleX);
                double down = Math.abs(row + 0.5 - (y + 0.5) * scaleY) / Math.max(1, scaleY);
                double weight = Math.max(0, 1 - across) * Math.max(0, 1 - down);
                sum += weight * (picture.rgb()[3 * (row * picture.width() + column) + channel] & 0xFF);
                weights += weight;
            }
        }
        return sum / weights;
    }

    @Test
    void aWindowIsAPartOfTheWhole() {
        Picture picture = Pictures.formula(70, 90);
        byte[] whole = window(picture, 3, Interpolation.BICUBIC, 40, 33, 0, 0, 40, 33);
        byte[] part = window(picture, 3, Interpolation.BICUBIC, 40, 33, 11, 20, 9, 13);
        for (int y = 0; y < 13; y++) {
            int from = 3 * (40 * (y + 20) + 11);
            assertArrayEquals(
                    Arrays.copyOfRange(whole, from, from + 27), Arrays.copyOfRange(part, 27 * y, 27 * y + 27));
        }
    }

    private static byte[] window(
            Picture picture,
            int channels,
            Interpolation interpolation,
            int newWidth,
            int newHeight,
            int left,
            int top,
            int width,
            int height) {
        Resampler resampler = new Resampler(
                picture,
                channels,
                new Resampler.Taps(interpolation, picture.width(), newWidth, left, width),
                new Resampler.Taps(interpolation, picture.height(), newHeight, top, height));
        byte[] all = new byte[width * height * channels];
        byte[] line = new byte[width * channels];
        for (int y = 0; y < height; y++) {
            resampler.row(y, line);
            System.arraycopy(line, 0, all, y * line.length, line.length);
        }
        return all;
    }
}

package dev.fieldfare.image;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What the tests of this room share: the test data, and pictures made by a formula. */
final class Pictures {
    private Pictures() {}

    /** A file or folder of the test data; skips the test where there is none. */
    static Path data(String path) {
        Path root = Path.of(System.getProperty("fieldfare.data", "../shared/data"));
        Assumptions.assumeTrue(Files.isDirectory(root), () -> "there is no test data at " + root.toAbsolutePath());
        return root.resolve(path);
    }

    /** Byte i is (31 i² + 7 i + floor(i / 32)) mod 251: no symmetry, all channels differ, easy to make elsewhere. */
    static Picture formula(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((31L * i * i + 7L * i + (i >> 5)) % 251);
        }
        return new Picture(width, height, rgb);
    }

    /** A picture of one pixel for each number 0xRRGGBB. */
    static Picture of(int width, int... pixels) {
        byte[] rgb = new byte[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            rgb[3 * i] = (byte) (pixels[i] >> 16);
            rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
            rgb[3 * i + 2] = (byte) pixels[i];
        }
        return new Picture(width, pixels.length / width, rgb);
    }

    static double meanDifference(Picture a, Picture b) {
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF));
        }
        return (double) sum / a.rgb().length;
    }
}

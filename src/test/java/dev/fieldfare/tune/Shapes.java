package dev.fieldfare.tune;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/** Labelled folders of noisy pictures of coloured shapes, which a network that knows animals and ships can tell apart. */
final class Shapes {
    static final List<String> LABELS = List.of("disc", "ring", "square", "stripes");
    private static final int SIDE = 48;
    private static final double[][] COLOURS = {{200, 60, 60}, {60, 180, 70}, {70, 80, 210}, {210, 190, 60}};

    private Shapes() {}

    /** Writes so many pictures of each of the labels, {@code FOLDER/LABEL/0.png} and so on. */
    static Path write(Path folder, int ofEach) {
        return write(folder, ofEach, 1);
    }

    /**
     * The same.
     *
     * @param colour how much of a shape's colour tells its label, 0 to 1; the rest is of no label
     */
    static Path write(Path folder, int ofEach, double colour) {
        for (int label = 0; label < LABELS.size(); label++) {
            for (int i = 0; i < ofEach; i++) {
                PictureWriter.writePng(draw(label, i, colour), file(folder, label, i));
            }
        }
        return folder;
    }

    /** Where a picture lies. Its folder is made if there is none. */
    static Path file(Path folder, int label, int number) {
        try {
            return Files.createDirectories(folder.resolve(LABELS.get(label))).resolve(number + ".png");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Picture draw(int label, int number, double share) {
        RandomGenerator random = new Seed(1).generator("shape", label, number);
        double middleX = SIDE * random.nextDouble(0.4, 0.6);
        double middleY = SIDE * random.nextDouble(0.4, 0.6);
        double size = SIDE * random.nextDouble(0.2, 0.35);
        double ground = random.nextDouble(60, 200);
        double other = random.nextDouble(40, 220);
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean inside = isInside(label, (x - middleX) / size, (y - middleY) / size);
                for (int c = 0; c < 3; c++) {
                    double own = share * COLOURS[label][c] + (1 - share) * other;
                    double value = (inside ? own : ground) + 20 * random.nextGaussian();
                    rgb[3 * (y * SIDE + x) + c] = (byte) Math.clamp(Math.round(value), 0, 255);
                }
            }
        }
        return new Picture(SIDE, SIDE, rgb);
    }

    private static boolean isInside(int label, double x, double y) {
        double radius = Math.hypot(x, y);
        return switch (label) {
            case 0 -> radius < 1;
            case 1 -> radius < 1.2 && radius > 0.7;
            case 2 -> Math.max(Math.abs(x), Math.abs(y)) < 0.9;
            default -> Math.floorMod((int) Math.floor(3 * x), 2) == 0;
        };
    }
}

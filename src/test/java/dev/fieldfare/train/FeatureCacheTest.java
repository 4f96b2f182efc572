package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("features.f32");
    }

    private static float[] row(FeatureCache cache, int index) {
        float[] row = new float[cache.width()];
        cache.read(index, FloatBuffer.wrap(row));
        return row;
    }

    @Test
    void whatIsWrittenIsReadInAnyOrder() {
        float[][] rows = {
            {1, 2, 3}, {Float.MIN_VALUE, Float.MAX_VALUE, -0f}, {Float.NaN, Float.NEGATIVE_INFINITY, 1e-30f}
        };
        try (FeatureCache cache = FeatureCache.create(file(), 3)) {
            for (int i = 0; i < rows.length; i++) {
                assertEquals(i, cache.append(FloatBuffer.wrap(rows[i])));
            }
            assertEquals(3, cache.rows());
            for (int i : new int[] {2, 0, 1, 1}) {
                assertArrayEquals(rows[i], row(cache, i));
            }
            // Rows can be added after others were read.
            assertEquals(3, cache.append(FloatBuffer.wrap(new float[] {7, 8, 9})));
            assertArrayEquals(new float[] {7, 8, 9}, row(cache, 3));
        }
    }

    @Test
    void readsToWhereTheBufferStands() {
        try (FeatureCache cache = FeatureCache.create(file(), 2)) {
            cache.append(FloatBuffer.wrap(new float[] {1, 2}));
            cache.append(FloatBuffer.wrap(new float[] {3, 4}));
            FloatBuffer into = FloatBuffer.allocate(6).position(1);
            cache.read(1, into);
            cache.read(0, into);
            assertArrayEquals(new float[] {0, 3, 4, 1, 2, 0}, into.array());
        }
    }

    @Test
    void nothingIsLeftBehindAndNothingOldIsRead() throws IOException {
        Files.write(file(), new byte[100]);
        try (FeatureCache cache = FeatureCache.create(file(), 2)) {
            assertEquals(0, Files.size(file()));
            assertThrows(IndexOutOfBoundsException.class, () -> row(cache, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> row(cache, -1));
        }
        assertFalse(Files.exists(file()));
    }

    /** A row that is too short would keep part of the row before it. */
    @Test
    void rowsOfAnotherWidthAreRefused() {
        try (FeatureCache cache = FeatureCache.create(file(), 2)) {
            for (int width : new int[] {0, 1, 3}) {
                assertThrows(IllegalArgumentException.class, () -> cache.append(FloatBuffer.allocate(width)));
            }
            assertEquals(0, cache.rows());
        }
    }

    @Test
    void aCacheThatSomebodyShortenedIsNamed() throws IOException {
        try (FeatureCache cache = FeatureCache.create(file(), 2)) {
            cache.append(FloatBuffer.wrap(new float[] {1, 2}));
            try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
                channel.truncate(5);
            }
            var broken = assertThrows(FieldfareException.class, () -> row(cache, 0));
            assertTrue(broken.getMessage().contains(file().toString()), broken.getMessage());
        }
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path nowhere = folder.resolve("nowhere").resolve("features.f32");
        var refused = assertThrows(FieldfareException.class, () -> FeatureCache.create(nowhere, 2));
        assertTrue(refused.getMessage().contains(nowhere.toString()), refused.getMessage());
    }

    /** One pass against two passes in double precision, features far from zero and of very different spread. */
    @Test
    void scalingIsThatOfTwoPasses() {
        int width = 5;
        float[][] rows = new float[40][width];
        RandomGenerator random = new Seed(4).generator("features");
        for (float[] row : rows) {
            for (int f = 0; f < width; f++) {
                row[f] = f == 4 ? 2.5f : (float) (1000 * f + Math.pow(10, f - 2) * random.nextGaussian());
            }
        }
        // Rows 0 to 9 are of no training picture.
        int[] some = IntStream.range(10, rows.length).toArray();
        double[] mean = new double[width];
        double[] variance = new double[width];
        double meanVariance = 0;
        for (int f = 0; f < width; f++) {
            for (int i = 10; i < rows.length; i++) {
                mean[f] += rows[i][f] / 30.0;
            }
            for (int i = 10; i < rows.length; i++) {
                variance[f] += (rows[i][f] - mean[f]) * (rows[i][f] - mean[f]) / 30.0;
            }
            meanVariance += variance[f] / width;
        }
        try (FeatureCache cache = FeatureCache.create(file(), width)) {
            for (float[] row : rows) {
                cache.append(FloatBuffer.wrap(row));
            }
            FeatureScaling scaling = FeatureScaling.of(cache, some);
            for (int f = 0; f < width; f++) {
                assertEquals(mean[f], scaling.mean()[f], 1e-6 * Math.abs(mean[f]) + 1e-9);
                double expected = 1 / Math.sqrt(variance[f] + 0.01 * meanVariance);
                assertEquals(expected, scaling.inverseDeviation()[f], 1e-5 * expected);
            }
        }
    }

    @Test
    void featuresThatNeverVaryAreLeftOut() {
        try (FeatureCache cache = FeatureCache.create(file(), 2)) {
            cache.append(FloatBuffer.wrap(new float[] {3, 4}));
            cache.append(FloatBuffer.wrap(new float[] {3, 4}));
            FeatureScaling scaling = FeatureScaling.of(cache, new int[] {0, 1});
            assertArrayEquals(new float[] {3, 4}, scaling.mean());
            assertArrayEquals(new float[] {0, 0}, scaling.inverseDeviation());
        }
    }
}

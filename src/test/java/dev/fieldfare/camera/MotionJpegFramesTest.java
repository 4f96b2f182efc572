package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frames that ffmpeg encoded, as USB cameras send them: without Huffman tables, not marked as JFIF, with components that
 * are counted from 0 or 1, and zeros behind the picture. {@code tools/fixtures/motion_jpeg.py} makes them.
 */
class MotionJpegFramesTest {
    private static final int WIDTH = 160;
    private static final int HEIGHT = 120;
    private static final int[][] BARS = {
        {191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {0, 0, 0}
    };

    private static byte[] bytes(String file) throws IOException {
        try (InputStream stream = MotionJpegFramesTest.class.getResourceAsStream(file)) {
            return Objects.requireNonNull(stream, file).readAllBytes();
        }
    }

    private static Optional<Frame> decode(MotionJpegFrames frames, byte[] bytes) {
        System.arraycopy(bytes, 0, frames.next(bytes.length), 0, bytes.length);
        return frames.decode();
    }

    private static Picture picture(String file, int degrees) throws IOException {
        MotionJpegFrames frames = new MotionJpegFrames("camera", 120, degrees);
        return decode(frames, bytes(file)).orElseThrow().pixels().toPicture();
    }

    private static void assertColour(int[] expected, Picture picture, int x, int y, String where) {
        for (int c = 0; c < 3; c++) {
            assertEquals(
                    expected[c], picture.rgb()[3 * (y * picture.width() + x) + c] & 0xFF, 8, where + ", channel " + c);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bars-422-avi1.mjpg", "bars-420-bare.mjpg", "bars-444-bare.mjpg"})
    void barsHaveTheirColours(String file) throws IOException {
        Picture picture = picture(file, 0);
        assertEquals(WIDTH, picture.width());
        assertEquals(HEIGHT, picture.height());
        for (int bar = 0; bar < BARS.length; bar++) {
            for (int y : new int[] {4, 60, 115}) {
                assertColour(BARS[bar], picture, 20 * bar + 10, y, file + ", bar " + bar);
            }
        }
    }

    /** Red stays red, up to the model's input. */
    @ParameterizedTest
    @ValueSource(strings = {"bars-422-avi1.mjpg", "bars-420-bare.mjpg", "bars-444-bare.mjpg"})
    void theTensorHasTheirColours(String file) throws IOException {
        Preprocessing preprocessing = new Preprocessing(
                64,
                64,
                Preprocessing.Layout.NCHW,
                Preprocessing.Colour.RGB,
                Preprocessing.Resize.STRETCH,
                1,
                Interpolation.BILINEAR,
                255,
                List.of(0.0, 0.0, 0.0),
                List.of(1.0, 1.0, 1.0));
        MotionJpegFrames frames = new MotionJpegFrames("camera", 64, 0);
        try (Frame frame = decode(frames, bytes(file)).orElseThrow()) {
            FloatBuffer tensor = FloatBuffer.allocate(preprocessing.elements());
            preprocessing.toTensor(frame.pixels(), View.CENTRE, tensor);
            for (int bar = 0; bar < BARS.length; bar++) {
                for (int c = 0; c < 3; c++) {
                    float sample = tensor.get(c * 64 * 64 + 32 * 64 + 8 * bar + 4);
                    assertEquals(BARS[bar][c] / 255.0, sample, 8 / 255.0, file + ", bar " + bar + ", channel " + c);
                }
            }
        }
    }

    @Test
    void framesAreTurned() throws IOException {
        Picture picture = picture("bars-422-avi1.mjpg", 90);
        assertEquals(HEIGHT, picture.width());
        assertEquals(WIDTH, picture.height());
        // What was on the left is on top.
        assertColour(BARS[1], picture, 60, 30, "second bar");
        assertColour(BARS[5], picture, 60, 110, "sixth bar");
    }

    /** One that lost its end on the bus, one that lost its middle, and none at all: damaged, and the next one is fine. */
    @Test
    void aDamagedFrameIsLeftOut() throws IOException {
        MotionJpegFrames frames = new MotionJpegFrames("camera", 120, 0);
        byte[] whole = bytes("bars-420-bare.mjpg");
        assertTrue(decode(frames, whole).isPresent());
        assertNull(frames.damage());
        assertTrue(decode(frames, Arrays.copyOf(whole, whole.length / 2)).isEmpty());
        assertTrue(damage(frames).contains("cut off"));
        assertTrue(decode(frames, new byte[0]).isEmpty());
        assertTrue(decode(frames, new byte[1000]).isEmpty());
        assertTrue(decode(frames, whole).isPresent());
    }

    private static String damage(MotionJpegFrames frames) {
        return String.valueOf(Objects.requireNonNull(frames.damage()).getMessage());
    }
}

package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** From a camera's pixels to the tensor, without a picture in between: the same as with one. */
class YuvPreprocessingTest {
    private static final double[][] PATCHES = {
        {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {0, 0, 0}, {224, 172, 138}, {128, 128, 128}
    };

    private static Preprocessing preprocessing(int side, Preprocessing.Colour colour, Preprocessing.Resize resize) {
        int channels = colour == Preprocessing.Colour.GRAY ? 1 : 3;
        List<Double> zeros = List.of(0.0, 0.0, 0.0).subList(0, channels);
        List<Double> ones = List.of(1.0, 1.0, 1.0).subList(0, channels);
        return new Preprocessing(
                side, side, Preprocessing.Layout.NCHW, colour, resize, 0.875, Interpolation.BILINEAR, 1, zeros, ones);
    }

    private static float[] tensor(Preprocessing preprocessing, Pixels pixels, View view) {
        FloatBuffer out = FloatBuffer.allocate(preprocessing.elements());
        preprocessing.toTensor(pixels, view, out);
        return out.array();
    }

    private static Stream<Arguments> every() {
        List<Arguments> every = new ArrayList<>();
        for (PixelFormat format : PixelFormat.values()) {
            for (YuvColours colours : YuvColours.values()) {
                every.add(Arguments.of(format, colours, 64, 48, 0));
                every.add(Arguments.of(format, colours, 61, 47, 7));
                every.add(Arguments.of(format, colours, 128, 96, 32));
            }
        }
        return every.stream();
    }

    /** Red stays red: patches of 8 bits are within two levels of what they were made from. */
    @ParameterizedTest
    @MethodSource("every")
    void aPatchKeepsItsColour(PixelFormat format, YuvColours colours, int width, int height, int padding) {
        for (double[] patch : PATCHES) {
            if (format == PixelFormat.GREY && !(patch[0] == patch[1] && patch[1] == patch[2])) {
                continue;
            }
            YuvPixels pixels = YuvFrames.encode((x, y) -> patch, format, colours, width, height, padding);
            for (View view : List.of(View.CENTRE, View.CENTRE.turn(17).mirror())) {
                Preprocessing rgb = preprocessing(32, Preprocessing.Colour.RGB, Preprocessing.Resize.SHORT_SIDE);
                float[] tensor = tensor(rgb, pixels, view);
                for (int c = 0; c < 3; c++) {
                    assertEquals(patch[c], tensor[c * 32 * 32 + 16 * 32 + 16], 2.001, format + " " + colours);
                }
            }
            byte[] picture = pixels.toPicture().rgb();
            for (int i = 0; i < picture.length; i++) {
                assertEquals(patch[i % 3], picture[i] & 0xFF, 2.001, format + " " + colours + " byte " + i);
            }
            double grey = 0.299 * patch[0] + 0.587 * patch[1] + 0.114 * patch[2];
            Preprocessing gray = preprocessing(32, Preprocessing.Colour.GRAY, Preprocessing.Resize.STRETCH);
            for (float sample : tensor(gray, pixels, View.CENTRE)) {
                assertEquals(grey, sample, 2.001, format + " " + colours);
            }
        }
    }

    /** Large shapes of strong colours, all within the gamut, as a scene out of focus. */
    private static double[] scene(int x, int y, int width, int height) {
        double u = (double) x / width;
        double v = (double) y / height;
        return new double[] {
            128 + 100 * Math.sin(7 * u + 3 * v), 128 + 90 * Math.cos(5 * v - 4 * u), 128 + 100 * Math.sin(6 * v * u + 1)
        };
    }

    /**
     * The order is another (resize, then convert), and with it the rounding to 8 bits: on each way U is rounded up to four
     * times, and counts 2.1 times in blue. At most seven levels of 255 apart anywhere, one in the mean.
     */
    @ParameterizedTest
    @MethodSource("every")
    void isWhatThePictureGives(PixelFormat format, YuvColours colours, int width, int height, int padding) {
        YuvPixels pixels =
                YuvFrames.encode((x, y) -> scene(x, y, width, height), format, colours, width, height, padding);
        Picture picture = pixels.toPicture();
        List<View> views = List.of(
                View.CENTRE,
                View.CENTRE.at(1.3, 0.2, 0.9),
                View.CENTRE.turn(30).mirror(),
                View.CENTRE.in(new ColourChange(1.1, 0.9, 0.8, 10)));
        for (int side : new int[] {24, 60}) {
            for (Preprocessing.Colour colour : Preprocessing.Colour.values()) {
                for (Preprocessing.Resize resize : Preprocessing.Resize.values()) {
                    Preprocessing preprocessing = preprocessing(side, colour, resize);
                    for (View view : views) {
                        String what = side + " " + colour + " " + resize + " " + view;
                        near(tensor(preprocessing, picture, view), tensor(preprocessing, pixels, view), what);
                    }
                }
            }
        }
    }

    private static void near(float[] expected, float[] found, String what) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            double apart = Math.abs(expected[i] - found[i]);
            assertTrue(apart <= 7, what + ": element " + i + " is " + found[i] + ", of the picture " + expected[i]);
            sum += apart;
        }
        assertTrue(sum / expected.length <= 1, what + ": " + sum / expected.length + " apart in the mean");
    }

    /** Where only chroma changes, at a fine edge, a plane shifted against the other would show. */
    @Test
    void planesLieOverEachOther() {
        double[] left = {200, 60, 60};
        double[] right = {60, 60, 200};
        YuvPixels pixels =
                YuvFrames.encode((x, y) -> x < 32 ? left : right, PixelFormat.I420, YuvColours.BT601_FULL, 64, 64, 0);
        Preprocessing half = preprocessing(28, Preprocessing.Colour.RGB, Preprocessing.Resize.SHORT_SIDE);
        float[] tensor = tensor(half, pixels, View.CENTRE);
        for (int x = 0; x < 28; x++) {
            float red = tensor[14 * 28 + x];
            float blue = tensor[2 * 28 * 28 + 14 * 28 + 27 - x];
            assertEquals(red, blue, 8, "the edge is in the middle, column " + x);
        }
        assertEquals(200, tensor[14 * 28 + 11], 3);
        assertEquals(60, tensor[14 * 28 + 16], 3);
    }

    @Test
    void theHashOfAFrameIsThatOfItsPicture() {
        YuvPixels pixels =
                YuvFrames.encode((x, y) -> scene(x, y, 64, 48), PixelFormat.YUYV, YuvColours.BT601_LIMITED, 64, 48, 4);
        assertTrue(DifferenceHash.distance(DifferenceHash.of(pixels), DifferenceHash.of(pixels.toPicture())) <= 5);
    }
}

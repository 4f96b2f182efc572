package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Preprocessing.Colour;
import dev.fieldfare.image.Preprocessing.Layout;
import dev.fieldfare.image.Preprocessing.Resize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
    private static final List<Double> ZEROS = List.of(0.0, 0.0, 0.0);
    private static final List<Double> ONES = List.of(1.0, 1.0, 1.0);

    /** What NumPy and Pillow made of a photo for six models. */
    @ParameterizedTest
    @CsvSource({
        "mbv2-w0.35-128.fp32, RGB, 127.5, 1, 1, 1, 1, 1, 1",
        "mcunet-5fps-128.fp32, RGB, 127.5, 1, 1, 1, 1, 1, 1",
        "mobilenet_v1_0.25_128_quant.fp32, RGB, 128, 1, 1, 1, 1, 1, 1",
        "mobilenet_v2_1.0_224_quant.fp32, RGB, 128, 1, 1, 1, 1, 1, 1",
        "mobilenetv2-12-qdq, RGB, 255, .485, .456, .406, .229, .224, .225",
        "squeezenet1.0-deepcompressed-fp32, BGR, 1, 104, 117, 123, 1, 1, 1",
    })
    void equalsTheReference(
            String model,
            Colour colour,
            double scale,
            double mean0,
            double mean1,
            double mean2,
            double std0,
            double std1,
            double std2)
            throws IOException {
        byte[] bytes = Files.readAllBytes(Pictures.data("reference/" + model + "/input.f32"));
        FloatBuffer expected =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        int size = (int) Math.sqrt(expected.remaining() / 3.0);
        Preprocessing preprocessing = new Preprocessing(
                size,
                size,
                Layout.NCHW,
                colour,
                Resize.SHORT_SIDE,
                0.875,
                Interpolation.BILINEAR,
                scale,
                List.of(mean0, mean1, mean2),
                List.of(std0, std1, std2));
        Picture cat =
                PictureReader.read(Pictures.data("pictures/coral-images/cat.bmp"), preprocessing.wantedShortSide());

        float[] actual = tensor(preprocessing, cat, View.CENTRE);

        float[] wanted = new float[expected.remaining()];
        expected.get(wanted);
        // The same 8-bit samples; some references subtract and divide in another order.
        assertArrayEquals(wanted, actual, 1e-6f);
    }

    private static float[] tensor(Preprocessing preprocessing, Picture picture, View view) {
        float[] values = new float[preprocessing.elements()];
        preprocessing.toTensor(picture, view, FloatBuffer.wrap(values));
        return values;
    }

    private static Preprocessing plain(
            int height, int width, Layout layout, Colour colour, Resize resize, double crop) {
        boolean grey = colour == Colour.GRAY;
        return new Preprocessing(
                height,
                width,
                layout,
                colour,
                resize,
                crop,
                Interpolation.BILINEAR,
                1,
                grey ? List.of(0.0) : ZEROS,
                grey ? List.of(1.0) : ONES);
    }

    @Test
    void coloursStandWhereLayoutAndColourSay() {
        Picture two = Pictures.of(2, 0xFF0001, 0x0A0B0C);
        assertArrayEquals(
                new float[] {255, 10, 0, 11, 1, 12},
                tensor(plain(1, 2, Layout.NCHW, Colour.RGB, Resize.STRETCH, 1), two, View.CENTRE));
        assertArrayEquals(
                new float[] {1, 12, 0, 11, 255, 10},
                tensor(plain(1, 2, Layout.NCHW, Colour.BGR, Resize.STRETCH, 1), two, View.CENTRE));
        assertArrayEquals(
                new float[] {255, 0, 1, 10, 11, 12},
                tensor(plain(1, 2, Layout.NHWC, Colour.RGB, Resize.STRETCH, 1), two, View.CENTRE));
        assertArrayEquals(
                new float[] {1, 0, 255, 12, 11, 10},
                tensor(plain(1, 2, Layout.NHWC, Colour.BGR, Resize.STRETCH, 1), two, View.CENTRE));
        // 0.299 * 255 + 0.114 = 76.4 and 0.299 * 10 + 0.587 * 11 + 0.114 * 12 = 10.8
        assertArrayEquals(
                new float[] {76, 11},
                tensor(plain(1, 2, Layout.NCHW, Colour.GRAY, Resize.STRETCH, 1), two, View.CENTRE));
    }

    @Test
    void meanAndStdFollowTheTensorsChannels() {
        Preprocessing bgr = new Preprocessing(
                1,
                1,
                Layout.NCHW,
                Colour.BGR,
                Resize.SHORT_SIDE,
                1,
                Interpolation.BILINEAR,
                2,
                List.of(1.0, 2.0, 3.0),
                List.of(1.0, 10.0, 100.0));
        // blue 6, green 24, red 206
        assertArrayEquals(new float[] {2, 1, 1}, tensor(bgr, Pictures.of(1, 0xCE1806), View.CENTRE));
    }

    /** A picture of 4 x 2 whose red is 10, 20, … from the top left: windows of 2 x 2 are its columns. */
    private static final Picture EIGHT =
            Pictures.of(4, 0x0A0000, 0x140000, 0x1E0000, 0x280000, 0x320000, 0x3C0000, 0x460000, 0x500000);

    private static final Preprocessing SQUARE = plain(2, 2, Layout.NCHW, Colour.RGB, Resize.SHORT_SIDE, 1);

    private static float[] red(Preprocessing preprocessing, Picture picture, View view) {
        return Arrays.copyOf(tensor(preprocessing, picture, view), preprocessing.height() * preprocessing.width());
    }

    @Test
    void theWindowLiesWhereTheViewSays() {
        assertArrayEquals(new float[] {20, 30, 60, 70}, red(SQUARE, EIGHT, View.CENTRE));
        assertArrayEquals(new float[] {10, 20, 50, 60}, red(SQUARE, EIGHT, View.CENTRE.at(1, 0, 0.5)));
        assertArrayEquals(new float[] {30, 40, 70, 80}, red(SQUARE, EIGHT, View.CENTRE.at(1, 1, 0.5)));
        assertArrayEquals(new float[] {30, 20, 70, 60}, red(SQUARE, EIGHT, View.CENTRE.mirror()));
        assertArrayEquals(
                new float[] {20, 10, 60, 50},
                red(SQUARE, EIGHT, View.CENTRE.at(1, 0, 0.5).mirror()));
    }

    @Test
    void cropAndZoomEnlargeThePicture() {
        Preprocessing half = plain(2, 2, Layout.NCHW, Colour.RGB, Resize.SHORT_SIDE, 0.5);
        float[] cropped = red(half, EIGHT, View.CENTRE.at(1, 0, 0));
        assertArrayEquals(cropped, red(SQUARE, EIGHT, View.CENTRE.at(2, 0, 0)));
        // twice as large: the first pixel is the corner, the next lies a quarter of the way to its neighbour
        assertArrayEquals(new float[] {10, 13, 20, 23}, cropped);
    }

    @Test
    void stretchFitsBothSides() {
        // pairs of columns, weighed 1, 3, 3, 1 and at the edge without the first: (3 * 10 + 3 * 20 + 30) / 7
        assertArrayEquals(
                new float[] {17, 33, 57, 73},
                red(plain(2, 2, Layout.NCHW, Colour.RGB, Resize.STRETCH, 1), EIGHT, View.CENTRE));
    }

    @Test
    void letterboxShowsAllOnTheMeanColour() {
        Preprocessing box = new Preprocessing(
                4,
                4,
                Layout.NCHW,
                Colour.RGB,
                Resize.LETTERBOX,
                1,
                Interpolation.BILINEAR,
                1,
                List.of(5.0, 5.0, 5.0),
                ONES);
        assertArrayEquals(
                new float[] {0, 0, 0, 0, 5, 15, 25, 35, 45, 55, 65, 75, 0, 0, 0, 0}, red(box, EIGHT, View.CENTRE));
        assertArrayEquals(
                new float[] {0, 0, 0, 0, 35, 25, 15, 5, 75, 65, 55, 45, 0, 0, 0, 0},
                red(box, EIGHT, View.CENTRE.mirror()));
        // Zoomed twice, the canvas is 8 x 8 with the picture in its rows 2 to 5; the top left of it shows two of them.
        float[] corner = red(box, EIGHT, View.CENTRE.at(2, 0, 0));
        assertArrayEquals(new float[8], Arrays.copyOf(corner, 8));
        assertArrayEquals(new float[] {5, 8, 13, 18}, Arrays.copyOfRange(corner, 8, 12));
    }

    @Test
    void aNarrowWindowMayShowNothingOfALetterboxedPicture() {
        Preprocessing box = plain(4, 4, Layout.NHWC, Colour.RGB, Resize.LETTERBOX, 1);
        Picture line = Pictures.of(8, 1, 2, 3, 4, 5, 6, 7, 8);
        assertArrayEquals(new float[48], tensor(box, line, View.CENTRE.at(4, 0.5, 0)));
    }

    @Test
    void whatIsHiddenIsZeroWhereTheModelSeesIt() {
        View.Box leftHalf = new View.Box(-1, 0, 0.5, 1);
        View.Box lowerRight = new View.Box(0.5, 0.5, 2, 2);
        assertArrayEquals(new float[] {0, 30, 0, 70}, red(SQUARE, EIGHT, View.CENTRE.hide(leftHalf)));
        assertArrayEquals(
                new float[] {0, 20, 0, 60},
                red(SQUARE, EIGHT, View.CENTRE.mirror().hide(leftHalf)));
        assertArrayEquals(new float[] {20, 30, 60, 0}, red(SQUARE, EIGHT, View.CENTRE.hide(lowerRight)));
        Preprocessing last = plain(2, 2, Layout.NHWC, Colour.RGB, Resize.SHORT_SIDE, 1);
        assertArrayEquals(
                new float[] {20, 0, 0, 30, 0, 0, 60, 0, 0, 0, 0, 0}, tensor(last, EIGHT, View.CENTRE.hide(lowerRight)));
    }

    @Test
    void picturesOfABatchFollowEachOther() {
        Preprocessing one = plain(1, 1, Layout.NHWC, Colour.RGB, Resize.SHORT_SIDE, 1);
        FloatBuffer batch = FloatBuffer.allocate(7);
        one.toTensor(Pictures.of(1, 0x010203), View.CENTRE, batch);
        one.toTensor(Pictures.of(1, 0x040506), View.CENTRE, batch);
        assertEquals(6, batch.position());
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 0}, batch.array());
        assertThrows(IllegalArgumentException.class, () -> one.toTensor(Pictures.of(1, 0), View.CENTRE, batch));
    }

    @Test
    void anyShapeOfPictureFits() {
        for (Resize resize : Resize.values()) {
            Preprocessing preprocessing = plain(7, 5, Layout.NCHW, Colour.RGB, resize, 0.875);
            for (int[] size : new int[][] {{1, 1}, {1, 3000}, {3000, 1}, {2, 9}, {5, 7}, {6, 8}}) {
                Picture white = white(size[0], size[1]);
                for (double position : new double[] {0, 0.3, 1}) {
                    float[] values = tensor(preprocessing, white, View.CENTRE.at(1.7, position, 1 - position));
                    for (float value : values) {
                        boolean margin = value == 0 && resize == Resize.LETTERBOX;
                        assertTrue(value == 255 || margin, () -> resize + " " + value);
                    }
                }
            }
        }
    }

    private static Picture white(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) 255);
        return new Picture(width, height, rgb);
    }

    @Test
    void saysWhatItNeedsAndMakes() {
        Preprocessing preprocessing = plain(96, 128, Layout.NHWC, Colour.GRAY, Resize.SHORT_SIDE, 0.875);
        assertEquals(147, preprocessing.wantedShortSide());
        assertEquals(96 * 128, preprocessing.elements());
        assertArrayEquals(new long[] {1, 96, 128, 1}, preprocessing.shape());
        assertArrayEquals(new long[] {1, 3, 2, 2}, SQUARE.shape());
    }

    @ParameterizedTest
    @CsvSource({
        "input.size, 0, 1, 1, 0, 3, 1, 3",
        "input.crop, 8, 0, 1, 0, 3, 1, 3",
        "input.crop, 8, 1.5, 1, 0, 3, 1, 3",
        "input.crop, 8, NaN, 1, 0, 3, 1, 3",
        "normalize.scale, 8, 1, 0, 0, 3, 1, 3",
        "normalize.mean, 8, 1, 1, NaN, 3, 1, 3",
        "normalize.mean, 8, 1, 1, 0, 1, 1, 3",
        "normalize.std, 8, 1, 1, 0, 3, 0, 3",
        "normalize.std, 8, 1, 1, 0, 3, 1, 4",
    })
    void refusesWhatMakesNoSense(
            String key, int size, double crop, double scale, double mean, int means, double std, int stds) {
        FieldfareException e = assertThrows(
                FieldfareException.class,
                () -> new Preprocessing(
                        size,
                        size,
                        Layout.NCHW,
                        Colour.RGB,
                        Resize.SHORT_SIDE,
                        crop,
                        Interpolation.BILINEAR,
                        scale,
                        Collections.nCopies(means, mean),
                        Collections.nCopies(stds, std)));
        assertTrue(String.valueOf(e.getMessage()).startsWith(key + " must be "), e.getMessage());
    }
}

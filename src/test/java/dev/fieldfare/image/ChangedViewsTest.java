package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fieldfare.image.Preprocessing.Colour;
import dev.fieldfare.image.Preprocessing.Layout;
import dev.fieldfare.image.Preprocessing.Resize;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Views that turn, stretch or recolour a picture, against Pillow and NumPy. */
class ChangedViewsTest {
    /** What is asked for of a picture of 13 x 9: a window of 8 x 6. */
    private static final Preprocessing WINDOW = plain(6, 8, Colour.RGB, Layout.NCHW, Resize.SHORT_SIDE);

    private static final Picture PICTURE = Pictures.formula(13, 9);

    /** Samples as they are; outside of the picture they are 0, since the mean is. */
    private static Preprocessing plain(int height, int width, Colour colour, Layout layout, Resize resize) {
        int channels = colour == Colour.GRAY ? 1 : 3;
        return new Preprocessing(
                height,
                width,
                layout,
                colour,
                resize,
                1,
                Interpolation.BILINEAR,
                1,
                Collections.nCopies(channels, 0.0),
                Collections.nCopies(channels, 1.0));
    }

    private static float[] tensor(Preprocessing preprocessing, Picture picture, View view) {
        float[] values = new float[preprocessing.elements()];
        preprocessing.toTensor(picture, view, FloatBuffer.wrap(values));
        return values;
    }

    private static float[] green(View view) {
        return Arrays.copyOfRange(tensor(WINDOW, PICTURE, view), 48, 96);
    }

    private static float[] numbers(String text) {
        String[] words = text.strip().split("[,\\s]+");
        float[] numbers = new float[words.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.parseFloat(words[i]);
        }
        return numbers;
    }

    /**
     * Pillow 12.3, with {@code canvas = picture.resize((W, H), BILINEAR)}: {@code canvas.rotate(degrees, BILINEAR,
     * center=(left + 4, top + 3)).crop((left, top, left + 8, top + 6))}, the green channel. Pillow cuts fractions off where
     * we round, so a sample may be larger by one.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1 | 0.5 | 0.5 | 30 | 0 0 43 75 128 118 97 126 0 135 88 127 99 104 109 103 108 165 158 123 82 125 87 109 112 162 162 115 92 102 83 135 83 112 108 119 111 134 110 0 0 78 95 125 108 128 0 0
        1.5 | 0.25 | 1 | -100 | 0 75 111 100 43 143 155 164 0 132 103 190 72 184 170 177 0 109 86 195 61 91 183 166 0 142 124 47 123 126 158 133 0 133 160 110 42 85 103 180 0 96 71 129 125 43 106 141
        2 | 0.5 | 0.5 | 10.5 | 173 130 160 189 167 128 95 134 177 162 153 102 61 58 73 116 174 161 132 112 57 56 82 107 191 112 102 120 55 100 143 136 124 78 86 98 55 116 137 101 74 125 133 92 101 117 82 59
        """)
    void turnsAsPillowDoes(double zoom, double x, double y, double degrees, String expected) {
        float[] actual = green(View.CENTRE.at(zoom, x, y).turn(degrees));
        float[] wanted = numbers(expected);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += wanted[i] == 0 ? 0 : 0.5f;
            assertEquals(wanted[i], actual[i], wanted[i] == 0 ? 0 : 0.5f, "pixel " + i);
        }
    }

    /** Turns of a quarter move pixels and mix nothing, in a window of even sides in the middle of the picture. */
    @Test
    void quarterTurnsOnlyMovePixels() {
        Preprocessing four = plain(4, 4, Colour.RGB, Layout.NHWC, Resize.STRETCH);
        Picture picture = Pictures.formula(4, 4);
        float[] upright = tensor(four, picture, View.CENTRE);
        assertArrayEquals(upright, tensor(four, picture, View.CENTRE.turn(90).turn(-90)));
        float[] turned = tensor(four, picture, View.CENTRE.turn(90));
        float[] half = tensor(four, picture, View.CENTRE.turn(180));
        float[] mirrored = tensor(four, picture, View.CENTRE.turn(180).mirror());
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                for (int c = 0; c < 3; c++) {
                    int to = (4 * y + x) * 3 + c;
                    assertEquals(upright[(4 * x + 3 - y) * 3 + c], turned[to]);
                    assertEquals(upright[(15 - 4 * y - x) * 3 + c], half[to]);
                    assertEquals(upright[(4 * (3 - y) + x) * 3 + c], mirrored[to]);
                }
            }
        }
    }

    /** What lies outside is zero after normalization, whatever the mean colour; letterboxes' margins are outside. */
    @Test
    void outsideIsTheMeanColour() {
        Preprocessing box = plain(8, 8, Colour.GRAY, Layout.NCHW, Resize.LETTERBOX);
        byte[] white = new byte[3 * 8 * 4];
        Arrays.fill(white, (byte) 255);
        float[] upended = tensor(box, new Picture(8, 4, white), View.CENTRE.turn(90));
        for (int i = 0; i < 64; i++) {
            assertEquals(i % 8 >= 2 && i % 8 < 6 ? 255 : 0, upended[i], "pixel " + i);
        }
    }

    /** Pillow 12.3: {@code picture.resize((11, 10), BILINEAR).crop((0, 3, 8, 9))}, the green channel. */
    @Test
    void stretchesToTheAspect() {
        assertArrayEquals(numbers("""
            35 161 157 173 156 104 92 117
            97 134 197 157 131 64 47 110
            104 115 152 86 118 66 120 112
            53 103 64 101 99 78 159 106
            54 99 123 189 87 136 64 50
            33 103 131 91 103 173 82 71
            """), green(View.CENTRE.at(new View.Window(1.5, 1.3, 0.25, 0.75))));
    }

    /**
     * Five pixels. Pillow 12.3: {@code ImageEnhance.Brightness} and {@code .Color}, {@code Image.blend} with (127, 127,
     * 127) for contrast; NumPy: {@code inv(T) @ R @ T} for hue, with the matrix T of YIQ and a rotation R of its I and Q.
     * Pillow cuts fractions off and works with whole greys.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.3 | 1   | 1   | 0   | 0 49 179 63 28 74 200 80 41 83 205 81 39 76 195
        1   | 0.6 | 1   | 0   | 50 73 133 80 63 85 143 88 70 89 145 88 68 86 140
        1   | 1   | 0.4 | 0   | 22 38 78 40 29 43 113 76 64 97 134 96 48 60 96
        1   | 1   | 1.6 | 0   | 0 38 198 58 14 70 194 47 0 31 181 29 11 57 203
        1   | 1   | 1   | -40 | 0 65 71 37 26 69 158 43 122 97 151 13 5 83 94
        1   | 1   | 1   | 75  | 82 0 129 50 30 14 74 117 0 74 126 199 101 25 137
        """)
    void recoloursAsPillowAndNumPyDo(
            double brightness, double contrast, double saturation, double hue, String expected) {
        View view = View.CENTRE.in(new ColourChange(brightness, contrast, saturation, hue));
        Preprocessing row = plain(1, 5, Colour.RGB, Layout.NHWC, Resize.STRETCH);
        Picture five = Pictures.formula(5, 1);
        float[] actual = tensor(row, five, view);
        assertArrayEquals(numbers(expected), actual, 1f);
        assertFalse(Arrays.equals(tensor(row, five, View.CENTRE), actual));
        // The order of channels comes after their change.
        float[] reversed = tensor(plain(1, 5, Colour.BGR, Layout.NHWC, Resize.STRETCH), five, view);
        for (int i = 0; i < reversed.length; i++) {
            assertEquals(actual[i], reversed[i / 3 * 3 + 2 - i % 3]);
        }
    }

    /** Greys stay grey under any saturation and hue, and become the same in a picture of three channels as in one. */
    @Test
    void greysStayGrey() {
        Picture grey = Pictures.of(3, 0x000000, 0x505050, 0xF0F0F0);
        View view = View.CENTRE.in(new ColourChange(0.9, 1.2, 0.3, 100));
        // 1.2 (0.9 x - 127.5) + 127.5, clipped
        float[] expected = {0, 61, 234};
        assertArrayEquals(expected, tensor(plain(1, 3, Colour.GRAY, Layout.NCHW, Resize.STRETCH), grey, view));
        float[] three = tensor(plain(1, 3, Colour.RGB, Layout.NCHW, Resize.STRETCH), grey, view);
        for (int i = 0; i < 9; i++) {
            assertEquals(expected[i % 3], three[i]);
        }
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThrows(IllegalArgumentException.class, () -> new ColourChange(-1, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ColourChange(1, 1, 1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> View.CENTRE.turn(Double.POSITIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> new View.Window(0.9, 1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new View.Window(1, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new View.Window(1, 1, 0, 1.1));
    }
}

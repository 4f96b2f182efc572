package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class YuvPixelsTest {
    /** Colour bars of 100 %: ITU-R BT.601-7, Table 3 (8 bits), BT.709-6 likewise, and JPEG's full range (JFIF 1.02). */
    @ParameterizedTest
    @CsvSource({
        "BT601_LIMITED, 81, 90, 240, 255, 0, 0",
        "BT601_LIMITED, 145, 54, 34, 0, 255, 0",
        "BT601_LIMITED, 41, 240, 110, 0, 0, 255",
        "BT601_LIMITED, 235, 128, 128, 255, 255, 255",
        "BT601_LIMITED, 16, 128, 128, 0, 0, 0",
        "BT601_LIMITED, 126, 128, 128, 128, 128, 128",
        "BT601_FULL, 76, 85, 255, 255, 0, 0",
        "BT601_FULL, 150, 44, 21, 0, 255, 0",
        "BT601_FULL, 29, 255, 107, 0, 0, 255",
        "BT709_LIMITED, 63, 102, 240, 255, 0, 0",
        "BT709_LIMITED, 173, 42, 26, 0, 255, 0",
        "BT709_LIMITED, 32, 240, 118, 0, 0, 255",
        "BT709_LIMITED, 235, 128, 128, 255, 255, 255",
        "BT709_FULL, 54, 99, 255, 255, 0, 0",
    })
    void knownColours(YuvColours colours, int y, int u, int v, int red, int green, int blue) {
        byte[] rgb = new byte[3];
        colours.toRgb(new byte[] {(byte) y}, new byte[] {(byte) u, (byte) v}, 1, rgb);
        // Samples of 8 bits stand for colours up to two levels away.
        assertEquals(red, rgb[0] & 0xFF, 2);
        assertEquals(green, rgb[1] & 0xFF, 2);
        assertEquals(blue, rgb[2] & 0xFF, 2);
    }

    @ParameterizedTest
    @EnumSource(PixelFormat.class)
    void turningIsThatOfThePicture(PixelFormat format) {
        YuvPixels pixels = YuvPixels.allocate(format, YuvColours.BT601_FULL, 8, 6);
        for (int i = 0; i < pixels.bytes().length; i++) {
            pixels.bytes()[i] = (byte) (90 + i);
        }
        Picture picture = pixels.toPicture();
        assertSame(picture, picture.turned(0));
        for (int degrees = 0; degrees < 360; degrees += 90) {
            Picture turned = pixels.turned(degrees).toPicture();
            assertArrayEquals(picture.turned(degrees).rgb(), turned.rgb(), degrees + " degrees");
        }
        assertArrayEquals(picture.rgb(), picture.turned(90).turned(270).rgb());
        assertArrayEquals(
                picture.turned(180).rgb(), picture.turned(90).turned(90).rgb());
        assertThrows(IllegalArgumentException.class, () -> pixels.turned(45));
    }

    @Test
    void aQuarterTurnIsClockwise() {
        Picture two = new Picture(2, 1, new byte[] {1, 1, 1, 2, 2, 2});
        Picture turned = two.turned(90);
        assertEquals(1, turned.width());
        assertArrayEquals(two.rgb(), turned.rgb());
        assertArrayEquals(new byte[] {2, 2, 2, 1, 1, 1}, two.turned(270).rgb());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new YuvPixels(PixelFormat.YUYV, YuvColours.BT601_LIMITED, 4, 4, 7, new byte[100]));
        assertThrows(
                IllegalArgumentException.class,
                () -> new YuvPixels(PixelFormat.I420, YuvColours.BT601_LIMITED, 4, 4, 4, new byte[23]));
    }
}

package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.image.YuvColours;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class V4l2ModeTest {
    /** What a common webcam on USB 2 offers: uncompressed only as fast as the bus allows. */
    private static final List<V4l2Mode> WEBCAM = List.of(
            new V4l2Mode(V4l2Encoding.MJPG, 1920, 1080, 30),
            new V4l2Mode(V4l2Encoding.MJPG, 1280, 720, 30),
            new V4l2Mode(V4l2Encoding.MJPG, 640, 480, 30),
            new V4l2Mode(V4l2Encoding.MJPG, 320, 240, 30),
            new V4l2Mode(V4l2Encoding.YUYV, 1920, 1080, 5),
            new V4l2Mode(V4l2Encoding.YUYV, 1280, 720, 10),
            new V4l2Mode(V4l2Encoding.YUYV, 640, 480, 29.97),
            new V4l2Mode(V4l2Encoding.YUYV, 640, 480, 15),
            new V4l2Mode(V4l2Encoding.YUYV, 320, 240, 30),
            new V4l2Mode(V4l2Encoding.GREY, 640, 480, 30));

    @ParameterizedTest
    @CsvSource({
        "640, 480, 15, YUYV 640 x 480 at 15.0/s", // not faster than needed
        "640, 480, 30, YUYV 640 x 480 at 30.0/s", // 29.97 is 30
        "640, 480, 60, YUYV 640 x 480 at 30.0/s", // none is faster
        "1280, 720, 30, MJPG 1280 x 720 at 30.0/s", // only compressed is it fast enough
        "1280, 720, 10, YUYV 1280 x 720 at 10.0/s",
        "1280, 720, 12, MJPG 1280 x 720 at 30.0/s",
        "512, 384, 15, YUYV 640 x 480 at 15.0/s", // rather too large than too small
        "4000, 3000, 5, YUYV 1920 x 1080 at 5.0/s",
        "16, 16, 15, YUYV 320 x 240 at 30.0/s",
    })
    void theOneThatSuits(int width, int height, double rate, String expected) {
        assertEquals(
                expected,
                V4l2Mode.choose(WEBCAM, width, height, rate).orElseThrow().toString());
    }

    @Test
    void amongEqualsTheFewestBytes() {
        List<V4l2Mode> modes = List.of(
                new V4l2Mode(V4l2Encoding.YUYV, 640, 480, Double.POSITIVE_INFINITY),
                new V4l2Mode(V4l2Encoding.NV12, 640, 480, Double.POSITIVE_INFINITY));
        assertEquals(
                "NV12 640 x 480",
                V4l2Mode.choose(modes, 640, 480, 30).orElseThrow().toString());
        assertEquals(Optional.empty(), V4l2Mode.choose(List.of(), 640, 480, 30));
    }

    /** The kinds that cameras have in common, all as large and as fast: NV12, else YU12, else YUYV, and MJPG at last. */
    @Test
    void amongTheFourTheOneThatCostsLeast() {
        List<V4l2Encoding> order = List.of(V4l2Encoding.NV12, V4l2Encoding.I420, V4l2Encoding.YUYV, V4l2Encoding.MJPG);
        for (int i = 0; i < order.size(); i++) {
            // However the driver lists them.
            List<V4l2Mode> offered = order.subList(i, order.size()).reversed().stream()
                    .map(encoding -> new V4l2Mode(encoding, 640, 480, 30))
                    .toList();
            assertEquals(
                    order.get(i),
                    V4l2Mode.choose(offered, 640, 480, 30).orElseThrow().encoding());
        }
    }

    /** Numbers and rules of linux/videodev2.h: colorspace, ycbcr_enc, quantization. */
    @ParameterizedTest
    @CsvSource({
        "8, 0, 0, BT601_LIMITED", // sRGB, what webcams say
        "1, 0, 0, BT601_LIMITED", // SMPTE 170M
        "3, 0, 0, BT709_LIMITED", // Rec. 709
        "7, 0, 0, BT601_FULL", // JPEG
        "8, 1, 1, BT601_FULL",
        "8, 2, 1, BT709_FULL",
        "3, 1, 2, BT601_LIMITED", // what is said wins over what follows
        "7, 0, 2, BT601_LIMITED",
        "0, 0, 0, BT601_LIMITED",
        "10, 0, 0, BT709_LIMITED", // BT.2020: the nearest
    })
    void coloursAsTheDriverMeansThem(int colorspace, int encoding, int quantization, YuvColours expected) {
        assertEquals(expected, V4l2Colours.of(colorspace, encoding, quantization));
    }

    @Test
    void codesAreFourCharacters() {
        assertEquals(Optional.of(V4l2Encoding.I420), V4l2Encoding.of(0x32315559)); // v4l2_fourcc('Y', 'U', '1', '2')
        assertEquals(Optional.of(V4l2Encoding.MJPG), V4l2Encoding.of(0x47504A4D));
        assertEquals(Optional.empty(), V4l2Encoding.of(0));
    }
}

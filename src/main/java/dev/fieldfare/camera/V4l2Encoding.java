package dev.fieldfare.camera;

import dev.fieldfare.image.PixelFormat;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a V4L2 camera may send its frames, the ones that cost least to read first. */
enum V4l2Encoding {
    NV12("NV12", PixelFormat.NV12),
    I420("YU12", PixelFormat.I420),
    NV21("NV21", PixelFormat.NV21),
    YV12("YV12", PixelFormat.YV12),
    YUYV("YUYV", PixelFormat.YUYV),
    UYVY("UYVY", PixelFormat.UYVY),
    /** A JPEG a frame: what USB 2 has room for at larger sizes. */
    MJPG("MJPG", null),
    JPEG("JPEG", null),
    GREY("GREY", PixelFormat.GREY);

    private final String name;
    private final int code;
    private final @Nullable PixelFormat pixels;

    V4l2Encoding(String name, @Nullable PixelFormat pixels) {
        this.name = name;
        this.code = name.charAt(0) | name.charAt(1) << 8 | name.charAt(2) << 16 | name.charAt(3) << 24;
        this.pixels = pixels;
    }

    static Optional<V4l2Encoding> of(int code) {
        return Arrays.stream(values()).filter(encoding -> encoding.code == code).findFirst();
    }

    /** V4L2's four characters as a number: the first is the lowest byte. */
    int code() {
        return code;
    }

    /** Null where a frame is a compressed picture. */
    @Nullable
    PixelFormat pixels() {
        return pixels;
    }

    @Override
    public String toString() {
        return name;
    }
}

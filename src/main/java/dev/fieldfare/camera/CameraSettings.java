package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which camera, and how it shall see.
 *
 * @param source what Fieldfare knows: {@code pi}, {@code usb}, {@code usb:PART OF A NAME}, {@code /dev/video0}, {@code rtsp://...}, a
 *     video file, a folder, a picture, {@code simulated:day}
 * @param width columns of a frame to ask for, before turning; the camera gives what it has that is nearest. 16 to 4096
 * @param height rows likewise
 * @param framesPerSecond to ask for, above 0, at most 240
 * @param rotate degrees by which frames are turned clockwise: 0, 90, 180 or 270
 * @param settle for how long at most frames are dropped until the exposure is steady; zero for not at all, at most a
 *     minute
 * @param controls of a USB camera, by name, such as {@code exposure_time_absolute: 150}, see {@link V4l2Camera#set}
 */
public record CameraSettings(
        String source,
        int width,
        int height,
        double framesPerSecond,
        int rotate,
        Duration settle,
        Map<String, String> controls) {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** @throws FieldfareException if a value is out of range; the message names the key */
    public CameraSettings {
        require(!source.isBlank(), "source", "a camera, such as pi, usb or simulated:day", source);
        require(width >= 16 && width <= 4096, "width", "16 to 4096 pixels", width);
        require(height >= 16 && height <= 4096, "height", "16 to 4096 pixels", height);
        require(
                framesPerSecond > 0 && framesPerSecond <= 240,
                "framesPerSecond",
                "above 0, at most 240",
                framesPerSecond);
        require(rotate >= 0 && rotate < 360 && rotate % 90 == 0, "rotate", "0, 90, 180 or 270 degrees", rotate);
        require(
                !settle.isNegative() && settle.compareTo(MINUTE) <= 0,
                "settle",
                "a time of at most a minute",
                settle.toMillis() + " ms");
        controls = Collections.unmodifiableMap(new LinkedHashMap<>(controls));
    }

    /** Without controls. */
    public CameraSettings(String source, int width, int height, double framesPerSecond, int rotate, Duration settle) {
        this(source, width, height, framesPerSecond, rotate, settle, Map.of());
    }

    /** Frames of 640 x 480, 15 a second, as the source has them, with two seconds to settle. */
    public static CameraSettings of(String source) {
        return new CameraSettings(source, 640, 480, 15, 0, Duration.ofSeconds(2));
    }

    /**
     * As {@link #of(String)}, but of a size near the model's input: smaller frames are less work.
     *
     * @param wantedShortSide pixels that the short side should have at least
     */
    public static CameraSettings of(String source, int wantedShortSide) {
        int height = 240;
        // Of a wide picture that is fitted into 4:3, three quarters of the rows are left.
        while (height * 3 / 4 < wantedShortSide && height < 1920) {
            height *= 2;
        }
        return new CameraSettings(source, height * 4 / 3, height, 15, 0, Duration.ofSeconds(2));
    }

    private static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new FieldfareException("camera." + key + " must be " + expected + ", but is " + found);
        }
    }
}

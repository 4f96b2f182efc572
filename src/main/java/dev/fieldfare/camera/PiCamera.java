package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.YuvColours;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The Raspberry Pi's own camera, by way of {@code rpicam-vid}: the camera's processor makes frames small, and this
 * program gets them as they are, in YUV 4:2:0.
 *
 * <p>Rows of such frames are padded to what the hardware likes, which depends on the board, and {@code rpicam-vid} does
 * not say so. Columns are therefore a multiple of 128, where no board pads (nor the half as long rows of U and V). Of a
 * frame in that codec, {@code rpicam-vid} asks for JPEG's colours: BT.601 in full range ({@code rpicam_vid.cpp},
 * {@code get_colourspace_flags}).
 */
final class PiCamera {
    private static final List<String> PROGRAMS = List.of("rpicam-vid", "libcamera-vid");
    private static final int COLUMNS = 128;
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration STALL = Duration.ofSeconds(2);

    private PiCamera() {}

    static FrameSource open(CameraSettings settings) {
        return open(settings, PROGRAMS, FIRST, STALL);
    }

    /** @param programs the names to try, in this order */
    static FrameSource open(CameraSettings settings, List<String> programs, Duration first, Duration stall) {
        int width = Math.ceilDiv(settings.width(), COLUMNS) * COLUMNS;
        // Even, and of the same shape as what was asked for.
        int height = 2 * Math.round(settings.height() * ((float) width / settings.width()) / 2);
        // The camera can stand on its head, but not lie on its side.
        int degrees = settings.rotate() == 180 ? 0 : settings.rotate();
        String name = settings.source();
        Child child = start(programs, settings, width, height);
        FrameBuffers buffers =
                new FrameBuffers(name, PixelFormat.I420, YuvColours.BT601_FULL, width, height, width, degrees);
        Duration threeFrames = Duration.ofMillis((long) (3000 / settings.framesPerSecond()));
        return new ChildCamera(
                child,
                new I420Format(buffers, PixelFormat.I420.frameBytes(height, width)),
                new Messages(name),
                first,
                stall.compareTo(threeFrames) > 0 ? stall : threeFrames);
    }

    private static Child start(List<String> programs, CameraSettings settings, int width, int height) {
        for (String program : programs) {
            List<String> command = command(program, settings, width, height);
            try {
                return Child.start(command);
            } catch (IOException e) {
                if (program.equals(programs.getLast())) {
                    throw new FieldfareException(
                            "camera " + settings.source() + ": the program " + programs.getFirst()
                                    + " is not there, nor an older " + program
                                    + ". On Raspberry Pi OS: sudo apt install"
                                    + " rpicam-apps-lite. For a USB camera write usb instead",
                            e);
                }
            }
        }
        throw new IllegalArgumentException("no program");
    }

    static List<String> command(String program, CameraSettings settings, int width, int height) {
        String[] words = settings.source().strip().split("\\s+", 2);
        List<String> command = new ArrayList<>(List.of(program));
        if (words[0].indexOf(':') > 0) {
            command.addAll(List.of("--camera", number(words[0], settings.source())));
        }
        command.addAll(List.of(
                "--codec",
                "yuv420",
                "--width",
                Integer.toString(width),
                "--height",
                Integer.toString(height),
                "--framerate",
                String.format(Locale.ROOT, "%.4g", settings.framesPerSecond())));
        if (settings.rotate() == 180) {
            command.addAll(List.of("--rotation", "180"));
        }
        // Without a time limit and without a window; every frame is sent whole at once.
        command.addAll(List.of("--timeout", "0", "--nopreview", "--flush"));
        if (words.length > 1) {
            command.addAll(Arrays.asList(words[1].split("\\s+")));
        }
        command.addAll(List.of("--output", "-"));
        return command;
    }

    private static String number(String camera, String source) {
        String number = camera.substring(camera.indexOf(':') + 1);
        if (!number.matches("[0-9]")) {
            throw new FieldfareException(
                    "camera " + source + ": behind pi: expected the camera's number, such as pi:0 or"
                            + " pi:1; rpicam-hello --list-cameras lists them");
        }
        return number;
    }

    /** The sentences of rpicam-vid and libcamera that say what is wrong, and what to do. */
    private record Messages(String name) implements ChildCamera.Words {
        @Override
        public Optional<String> ended(int status, boolean seen, List<String> said) {
            String all = String.join("\n", said).toLowerCase(Locale.ROOT);
            String camera = "camera " + name + ": ";
            if (all.contains("in use by another process")
                    || all.contains("failed to acquire camera")
                    || all.contains("resource busy")) {
                return Optional.of(camera + "another program is using it. Find it with 'ps aux | grep -e rpicam -e"
                        + " libcamera -e picamera' and end it; only one program at a time can use the camera");
            }
            if (all.contains("no cameras available") || all.contains("camera is not available")) {
                return Optional.of(camera + "no such camera was found. Switch the Pi off, check that the ribbon cable"
                        + " sits straight and the right way round at both ends, and see what 'rpicam-hello"
                        + " --list-cameras' lists");
            }
            if (all.contains("legacy camera stack")) {
                return Optional.of(
                        camera + "the old camera system is switched on. Switch it off with 'sudo raspi-config',"
                                + " Interface Options, Legacy Camera, and restart the Pi");
            }
            if (all.contains("unrecognised option")) {
                return Optional.of(camera + "rpicam-vid does not know an option: " + last(said)
                        + ". Check what stands behind the camera's name, or update: sudo apt full-upgrade");
            }
            return Optional.of(camera + "rpicam-vid ended with status " + status
                    + (seen ? " while the camera was running" : " before the first frame")
                    + (said.isEmpty() ? "" : "; it said: " + last(said)) + ". Try 'rpicam-hello --timeout 2000'");
        }

        private static String last(List<String> said) {
            return said.reversed().stream()
                    .filter(line -> line.contains("ERROR") || line.contains("***"))
                    .findFirst()
                    .orElse(said.getLast());
        }

        @Override
        public String stalled(Duration time) {
            return "camera " + name + ": no frame for " + time.toMillis() / 1000.0
                    + " s. If that happens again, check the ribbon cable and the power supply ('vcgencmd get_throttled'"
                    + " should say 0x0), and lower framesPerSecond";
        }
    }
}

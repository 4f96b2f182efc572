package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * All that ffmpeg reads: network cameras, streams, video files. ffmpeg decodes, makes frames small and converts their
 * colours to BT.601 in limited range; it says how large they became.
 */
final class Ffmpeg {
    private static final String PROGRAM = "ffmpeg";
    /** A network camera takes its time to answer, and then to send a frame that others do not build on. */
    private static final Duration FIRST = Duration.ofSeconds(20);

    private static final Duration STALL = Duration.ofSeconds(10);

    private Ffmpeg() {}

    static FrameSource open(CameraSettings settings) {
        return open(settings, PROGRAM);
    }

    static FrameSource open(CameraSettings settings, String program) {
        String name = Secrets.hide(settings.source());
        Child child;
        try {
            child = Child.start(command(program, settings));
        } catch (IOException e) {
            throw new FieldfareException(
                    name
                            + ": the program ffmpeg is needed for it, and is not there. On Raspberry Pi OS, Debian or"
                            + " Ubuntu: sudo apt install ffmpeg",
                    e);
        }
        return new ChildCamera(
                child, new Y4mFormat(name, settings.rotate()), new Messages(settings.source()), FIRST, STALL);
    }

    static List<String> command(String program, CameraSettings settings) {
        String source = settings.source();
        String lower = source.toLowerCase(Locale.ROOT);
        boolean network = lower.matches("(rtsps?|https?):.*");
        List<String> command = new ArrayList<>(List.of(program, "-nostdin", "-hide_banner", "-loglevel", "error"));
        if (network) {
            command.addAll(List.of("-flags", "low_delay"));
        }
        if (lower.startsWith("rtsp")) {
            // Over UDP, frames of cheap cameras arrive torn.
            command.addAll(List.of("-rtsp_transport", "tcp"));
        }
        command.addAll(List.of(
                "-i",
                network ? source : "file:" + Path.of(source).toAbsolutePath(),
                "-map",
                "0:v:0",
                // Every frame once, whatever its time.
                "-fps_mode",
                "passthrough",
                "-vf",
                filter(settings.width(), settings.height()),
                "-pix_fmt",
                "yuv420p",
                "-f",
                "yuv4mpegpipe",
                "-"));
        return command;
    }

    /** Made smaller to fit into width x height with square pixels, both sides even; never larger. */
    private static String filter(int width, int height) {
        return String.format(
                Locale.ROOT,
                "scale=w='iw*sar':h=ih,scale=w='min(%d,iw)':h='min(%d,ih)':force_original_aspect_ratio=decrease"
                        + ":force_divisible_by=2:out_color_matrix=bt601:out_range=tv,setsar=1",
                width,
                height);
    }

    /** What ffmpeg says, without passwords, and what to do. */
    private record Messages(String source) implements ChildCamera.Words {
        @Override
        public Optional<String> ended(int status, boolean seen, List<String> said) {
            if (status == 0 && seen) {
                return Optional.empty();
            }
            String name = Secrets.hide(source);
            String words = said.isEmpty()
                    ? "ffmpeg ended with status " + status
                    : "ffmpeg says: " + Secrets.hide(said.getLast().replace(source, name));
            String all = String.join("\n", said).toLowerCase(Locale.ROOT);
            return Optional.of(name + ": " + words + ". " + advice(all));
        }

        private static String advice(String said) {
            if (said.contains("401 unauthorized")) {
                return "Check user name and password in the address: rtsp://USER:PASSWORD@CAMERA/...";
            }
            if (said.contains("404 not found")) {
                return "Check the path in the address; the camera's manual or maker says what it is";
            }
            if (said.contains("refused")
                    || said.contains("no route")
                    || said.contains("timed out")
                    || said.contains("resolve")) {
                return "Check that the camera is switched on and that its address is right; try 'ping' with it";
            }
            if (said.contains("fps_mode")) {
                return "ffmpeg 5.1 or newer is needed; update the system";
            }
            if (said.contains("matches no streams") || said.contains("invalid data")) {
                return "This does not look like a video; try 'ffplay' with it";
            }
            return "Try 'ffplay' with it on a computer with a screen";
        }

        @Override
        public String stalled(Duration time) {
            return Secrets.hide(source) + ": no frame for " + time.toSeconds()
                    + " s. Check that the camera is switched on and can be reached";
        }
    }
}

package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Videos and streams through the real ffmpeg; skipped where there is none. */
@Timeout(120)
class FfmpegTest {
    @TempDir
    Path folder;

    private static void run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            Assumptions.abort("ffmpeg is not on this machine");
            throw e;
        }
        assertEquals(0, process.waitFor(), String.join(" ", command));
    }

    private Path video(String source, String... options) throws IOException, InterruptedException {
        Path file = folder.resolve("video.mkv");
        List<String> command =
                new ArrayList<>(List.of("ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source));
        command.addAll(List.of(options));
        command.add(file.toString());
        run(command.toArray(String[]::new));
        return file;
    }

    private static CameraSettings settings(String source, int rotate) {
        return new CameraSettings(source, 320, 240, 15, rotate, Duration.ZERO);
    }

    private static int[] middle(Frame frame) {
        Picture picture = frame.pixels().toPicture();
        int at = 3 * (picture.height() / 2 * picture.width() + picture.width() / 2);
        return new int[] {picture.rgb()[at] & 0xFF, picture.rgb()[at + 1] & 0xFF, picture.rgb()[at + 2] & 0xFF};
    }

    /** Red stays red, whatever the video's own matrix and range are. */
    @ParameterizedTest
    @CsvSource({
        "red, 255, 0, 0, mpeg4, yuv420p, tv, bt470bg",
        "red, 255, 0, 0, mpeg4, yuv420p, tv, bt709",
        "blue, 0, 0, 255, mjpeg, yuvj420p, pc, bt470bg",
        "lime, 0, 255, 0, mjpeg, yuvj422p, pc, bt470bg",
        "white, 255, 255, 255, ffv1, yuv444p, tv, bt470bg",
    })
    void coloursStay(
            String colour, int red, int green, int blue, String codec, String pixels, String range, String matrix)
            throws Exception {
        String filter = "scale=out_color_matrix=" + matrix + ":out_range=" + range + ",format=" + pixels;
        Path file = video(
                "color=" + colour + ":s=96x64:r=5:d=1",
                "-vf",
                filter,
                "-colorspace",
                matrix,
                "-color_range",
                range,
                "-c:v",
                codec,
                "-q:v",
                "1");
        try (FrameSource source = Ffmpeg.open(settings(file.toString(), 0));
                Frame frame = source.next().orElseThrow()) {
            int[] found = middle(frame);
            assertEquals(red, found[0], 6);
            assertEquals(green, found[1], 6);
            assertEquals(blue, found[2], 6);
        }
    }

    /** Every frame in turn, then the end; sizes shrink to fit, keep their shape and never grow. */
    @ParameterizedTest
    @CsvSource({
        "1280x720, 1, 0, 320, 180",
        "480x640, 1, 0, 180, 240",
        "100x50, 1, 0, 100, 50",
        "101x51, 1, 0, 100, 50",
        "360x288, 2, 0, 320, 128",
        "640x480, 1, 90, 240, 320",
    })
    void aFileIsReadToItsEnd(String size, String pixelAspect, int rotate, int width, int height) throws Exception {
        Path file = video("testsrc=s=" + size + ":r=10:d=2", "-vf", "setsar=" + pixelAspect, "-c:v", "ffv1");
        try (FrameSource source = Ffmpeg.open(settings(file.toString(), rotate))) {
            int frames = 0;
            for (Optional<Frame> next = source.next(); next.isPresent(); next = source.next()) {
                try (Frame frame = next.get()) {
                    assertEquals(width, frame.pixels().width());
                    assertEquals(height, frame.pixels().height());
                    frames++;
                }
            }
            assertEquals(20, frames);
            assertEquals(Optional.empty(), source.next());
        }
    }

    @Test
    void aStreamComesOverTheNetwork() throws Exception {
        byte[] film = Files.readAllBytes(video("color=red:s=96x64:r=5:d=1", "-c:v", "mjpeg", "-q:v", "1"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, film.length);
                exchange.getResponseBody().write(film);
            }
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/film.mkv";
            FrameOrigin origin = FrameSources.find(
                    settings(address, 0), new FrameSources.Surroundings(n -> null, Sleeper.REAL, note -> {}));
            assertTrue(origin.live());
            try (FrameSource source = origin.opener().get();
                    Frame frame = source.next().orElseThrow()) {
                assertEquals(address, frame.name());
                assertEquals(255, middle(frame)[0], 6);
            }
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rtsp://anna:geheim@127.0.0.1:9/live",
        "rtsp://anna:geh@eim@127.0.0.1:9/live",
        "http://127.0.0.1:9/video.cgi?user=anna&password=geheim",
    })
    void aPasswordIsNeverSaid(String address) throws Exception {
        run("ffmpeg", "-loglevel", "error", "-version");
        try (FrameSource source = Ffmpeg.open(settings(address, 0))) {
            String message =
                    assertThrows(FieldfareException.class, source::next).getMessage();
            assertFalse(message.contains("geh") || message.contains("anna"), message);
            assertTrue(message.contains("127.0.0.1:9/") && message.contains("switched on"), message);
        }
    }

    @Test
    void whatIsNoVideoIsRefused() throws Exception {
        run("ffmpeg", "-loglevel", "error", "-version");
        Path file = Files.writeString(folder.resolve("film.mp4"), "no film");
        try (FrameSource source = Ffmpeg.open(settings(file.toString(), 0))) {
            String message =
                    assertThrows(FieldfareException.class, source::next).getMessage();
            assertTrue(
                    message.startsWith(file + ": ffmpeg says: ") && message.contains("not look like a video"), message);
        }
    }

    @Test
    void aMissingProgramIsToBeInstalled() {
        String message = assertThrows(
                        FieldfareException.class,
                        () -> Ffmpeg.open(settings("rtsp://anna:geheim@camera/x", 0), "/missing/ffmpeg"))
                .getMessage();
        assertTrue(message.startsWith("rtsp://camera/x: ") && message.contains("sudo apt install ffmpeg"), message);
    }
}

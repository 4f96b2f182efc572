package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A network camera, whose part GStreamer's RTSP server plays: H.264 over RTSP and TCP, read by the real ffmpeg. Skipped
 * where one of them is missing.
 */
@Timeout(120)
class RtspTest {
    private static final int UNAVAILABLE = 3;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private Path film;
    private Process server;
    private String port = "0";

    @BeforeEach
    void start() throws Exception {
        film = folder.resolve("film.mp4");
        String encode = "ffmpeg -nostdin -loglevel error -f lavfi -i color=red:s=320x240:r=10:d=3 -c:v libx264 -g 10"
                + " -pix_fmt yuv420p -colorspace bt470bg -color_range tv " + film;
        try {
            Process process = new ProcessBuilder(encode.split(" ")).inheritIO().start();
            Assumptions.assumeTrue(process.waitFor() == 0, "this ffmpeg does not encode H.264");
        } catch (IOException e) {
            Assumptions.abort("ffmpeg is not on this machine");
        }
        serve();
    }

    private void serve() throws Exception {
        Path script = folder.resolve("rtsp_server.py");
        try (var stream = RtspTest.class.getResourceAsStream("rtsp_server.py")) {
            Files.write(script, Objects.requireNonNull(stream).readAllBytes());
        }
        // The system's, since GStreamer's bindings come with the system.
        String python = "/usr/bin/python3";
        Assumptions.assumeTrue(Files.isExecutable(Path.of(python)), "no " + python);
        server = new ProcessBuilder(python, script.toString(), film.toString(), port)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = server.inputReader();
        String line = said.readLine();
        Assumptions.assumeFalse(
                line == null && server.waitFor() == UNAVAILABLE,
                "no RTSP server; on Debian: sudo apt install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good");
        port = Objects.requireNonNull(line, "the RTSP server did not start");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.destroyForcibly();
            server.onExit().join();
        }
    }

    private FrameOrigin origin(String user, String path) {
        String address = "rtsp://" + user + "127.0.0.1:" + port + path;
        return FrameSources.find(
                new CameraSettings(address, 160, 120, 10, 0, Duration.ZERO),
                new FrameSources.Surroundings(n -> null, Sleeper.REAL, note -> {}));
    }

    private static void assertRed(Frame frame) {
        Picture picture = frame.pixels().toPicture();
        assertEquals(160, picture.width());
        assertEquals(120, picture.height());
        int middle = 3 * (60 * 160 + 80);
        assertEquals(255, picture.rgb()[middle] & 0xFF, 6);
        assertEquals(0, picture.rgb()[middle + 1] & 0xFF, 6);
        assertEquals(0, picture.rgb()[middle + 2] & 0xFF, 6);
    }

    @ParameterizedTest
    @CsvSource({"'', /live", "anna:geheim@, /locked"})
    void aCameraIsSeenThrough(String user, String path) {
        FrameOrigin origin = origin(user, path);
        assertTrue(origin.live());
        try (FrameSource source = origin.opener().get()) {
            for (int i = 0; i < 20; i++) {
                try (Frame frame = source.next().orElseThrow()) {
                    assertRed(frame);
                    assertEquals("rtsp://127.0.0.1:" + port + path, frame.name());
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "anna:falsch@, /locked, Check user name and password",
        "'', /locked, Check user name and password",
        "'', /nothing, Check the path",
    })
    void whatIsWrongIsSaidWithWhatToDo(String user, String path, String advice) {
        try (FrameSource source = origin(user, path).opener().get()) {
            String message =
                    assertThrows(FieldfareException.class, source::next).getMessage();
            assertTrue(message.contains(advice), message);
            assertFalse(message.contains("falsch") || message.contains("anna"), message);
        }
    }

    /** Somebody pulls the camera's plug, and puts it in again. */
    @Test
    void aCameraThatGoesAndComesBackIsFoundAgain() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        FeedListener listener = new FeedListener() {
            @Override
            public void opened(String camera, boolean again) {
                heard.add(again ? "again" : "opened");
            }

            @Override
            public void lost(String camera, String reason, Duration retryIn) {
                heard.add("lost");
            }
        };
        try (CameraFeed feed = CameraFeed.start(
                origin("", "/live"),
                new CameraFeed.Settings(Duration.ZERO, true),
                listener,
                InstantSource.system(),
                pause -> Thread.sleep(20))) {
            feed.next(LONG).orElseThrow().close();
            assertEquals("opened", heard.poll(30, TimeUnit.SECONDS));
            stop();
            assertEquals("lost", heard.poll(30, TimeUnit.SECONDS));
            serve();
            // It may be lost some times more before.
            String news = "lost";
            while ("lost".equals(news)) {
                news = heard.poll(30, TimeUnit.SECONDS);
            }
            assertEquals("again", news);
            try (Frame frame = feed.next(LONG).orElseThrow()) {
                assertRed(frame);
            }
        }
    }
}

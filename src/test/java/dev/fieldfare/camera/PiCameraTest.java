package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Pi's camera, with a script in the place of rpicam-vid that writes what that writes, and fails as it fails. */
@Timeout(60)
class PiCameraTest {
    private static final int WIDTH = 128;
    private static final int HEIGHT = 96;
    private static final int BYTES = WIDTH * HEIGHT * 3 / 2;
    private static final Duration SOON = Duration.ofMillis(400);
    private static final Duration LATE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    /** A program that writes so many frames, each grey and brighter than the one before, and goes on as told. */
    private Path program(int frames, String then) throws IOException {
        Path script = folder.resolve("rpicam-vid");
        Files.writeString(
                script,
                "#!/bin/sh\n"
                        + "echo $$ > '" + folder.resolve("pid") + "'\n"
                        + "echo \"$@\" > '" + folder.resolve("arguments") + "'\n"
                        + "echo '[0:19:06] [2746]  INFO Camera camera_manager.cpp:293 libcamera v0.5' >&2\n"
                        + "i=1\n"
                        + "while [ $i -le " + frames + " ]; do\n"
                        + "  head -c " + WIDTH * HEIGHT + " /dev/zero | tr '\\0' \"\\\\$(printf %o $((10 * i)))\"\n"
                        + "  head -c " + WIDTH * HEIGHT / 2 + " /dev/zero | tr '\\0' '\\200'\n"
                        + "  i=$((i + 1))\n"
                        + "done\n"
                        + then + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static CameraSettings settings(String source, int rotate) {
        return new CameraSettings(source, WIDTH, HEIGHT, 200, rotate, Duration.ZERO);
    }

    private static FrameSource open(Path program, Duration first, Duration stall) {
        return PiCamera.open(settings("pi", 0), List.of(program.toString()), first, stall);
    }

    private static int value(Optional<Frame> frame) {
        try (Frame open = frame.orElseThrow()) {
            Picture picture = open.pixels().toPicture();
            return picture.rgb()[picture.rgb().length / 2] & 0xFF;
        }
    }

    private ProcessHandle process() throws IOException {
        String pid = Files.readString(folder.resolve("pid")).strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElse(null);
    }

    private void assertGone() throws IOException {
        ProcessHandle process = process();
        // A busy machine may need a moment to take it away.
        for (int i = 0; i < 500 && process != null && process.isAlive(); i++) {
            LockSupport.parkNanos(10_000_000);
        }
        assertFalse(process != null && process.isAlive(), "the program goes on");
    }

    @Test
    void framesComeInTurnAndDeathIsTold() throws IOException {
        Path program = program(20, "echo 'terminate called: out of memory ***' >&2; exit 3");
        try (FrameSource camera = open(program, LATE, LATE)) {
            for (int i = 1; i <= 20; i++) {
                assertEquals(10 * i, value(camera.next()));
            }
            String message =
                    assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(message.contains("status 3 while the camera was running; it said: terminate"), message);
        }
        assertEquals(
                "--codec yuv420 --width 128 --height 96 --framerate 200.0 --timeout 0 --nopreview --flush --output -",
                Files.readString(folder.resolve("arguments")).strip());
    }

    @ParameterizedTest
    @CsvSource({
        "pi, 640, 480, 0, rpicam-vid --codec yuv420 --width 640 --height 480",
        "pi:1, 320, 240, 0, rpicam-vid --camera 1 --codec yuv420 --width 384 --height 288",
        "pi, 640, 360, 180, rpicam-vid --codec yuv420 --width 640 --height 360",
        "pi:0 --hflip  --mode 1640:1232, 100, 75, 90, rpicam-vid --camera 0 --codec yuv420 --width 128 --height 96",
    })
    void theCommandHasRowsThatNoBoardPads(String source, int width, int height, int rotate, String start)
            throws IOException {
        CameraSettings asked = new CameraSettings(source, width, height, 15, rotate, Duration.ZERO);
        program(0, "sleep 60");
        PiCamera.open(asked, List.of(folder.resolve("rpicam-vid").toString()), LATE, LATE)
                .close();
        int wide = Math.ceilDiv(width, 128) * 128;
        String command = String.join(
                " ", PiCamera.command("rpicam-vid", asked, wide, Math.round((float) height * wide / width)));
        assertTrue(command.startsWith(start + " --framerate 15.00"), command);
        assertEquals(rotate == 180, command.contains("--rotation 180"), command);
        assertEquals(source.contains("--hflip"), command.endsWith("--flush --hflip --mode 1640:1232 --output -"));
    }

    @Test
    void aQuarterTurnIsDoneHere() throws IOException {
        Path program = program(1, "exit 0");
        try (FrameSource camera = PiCamera.open(settings("pi", 90), List.of(program.toString()), LATE, LATE);
                Frame frame = camera.next().orElseThrow()) {
            assertEquals(HEIGHT, frame.pixels().width());
            assertEquals(WIDTH, frame.pixels().height());
        }
    }

    @Test
    void aStallIsNoticedAndTheProgramEnded() throws IOException {
        // A shell waits for its child and holds the pipe with it, as rpicam-vid with its threads does.
        Path program = program(1, "sleep 600; exit 0");
        try (FrameSource camera = open(program, LATE, SOON)) {
            assertEquals(10, value(camera.next()));
            String message =
                    assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(message.startsWith("camera pi: no frame for 0.4 s. "), message);
            assertGone();
        }
    }

    @Test
    void aCameraThatNeverStartsIsNoticed() throws IOException {
        Path program = program(0, "trap '' TERM; while :; do sleep 1; done");
        try (FrameSource camera = open(program, SOON, LATE)) {
            String message =
                    assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(message.contains("no frame for 0.4 s"), message);
        }
        assertGone();
    }

    /** Who does not ask for a frame is not kept waiting by the camera. */
    @Test
    void aSlowConsumerIsNoStall() throws Exception {
        Path program = program(25, "sleep 600");
        try (FrameSource camera = open(program, LATE, SOON)) {
            assertEquals(10, value(camera.next()));
            Thread.sleep(4 * SOON.toMillis());
            assertEquals(20, value(camera.next()));
        }
        assertGone();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "INFO Camera camera.cpp:839 Pipeline handler in use by another process; another program is using it",
                "ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/ov5647@36 ***; another program is using"
                        + " it",
                "ERROR: *** no cameras available ***; no such camera was found",
                "ERROR: the system appears to be configured for the legacy camera stack; raspi-config",
                "ERROR: *** unrecognised option '--hflop' ***; does not know an option: ERROR: *** unrecognised",
                "ERROR: *** failed to start camera ***; it said: ERROR: *** failed to start camera ***",
            })
    void whatIsWrongIsSaidWithWhatToDo(String said, String expected) throws IOException {
        Path program = program(0, "cat >&2 <<'END'\n" + said + "\nEND\nexit 255");
        try (FrameSource camera = open(program, LATE, LATE)) {
            String message =
                    assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(message.startsWith("camera pi: ") && message.contains(expected), message);
        }
    }

    @Test
    void aMissingProgramIsToBeInstalledAndAnOlderOneIsTaken() throws IOException {
        String missing = folder.resolve("missing").toString();
        String message = assertThrows(
                        FieldfareException.class,
                        () -> PiCamera.open(settings("pi", 0), List.of(missing, missing), LATE, LATE))
                .getMessage();
        assertTrue(message.contains("sudo apt install rpicam-apps-lite"), message);
        String older = program(1, "exit 0").toString();
        try (FrameSource camera = PiCamera.open(settings("pi", 0), List.of(missing, older), LATE, LATE)) {
            assertEquals(10, value(camera.next()));
        }
        assertThrows(
                FieldfareException.class, () -> PiCamera.open(settings("pi:front", 0), List.of(older), LATE, LATE));
    }

    /** A bad day: it stalls, it dies, somebody else has the camera, and then it works. The device goes on by itself. */
    @Test
    void aCameraThatFailsIsStartedAgainAndAgain() throws Exception {
        Path count = folder.resolve("count");
        Path program = program(1, """
            echo x >> 'COUNT'
            case $(wc -l < 'COUNT') in
                1) sleep 600 ;;
                2) echo 'terminate called ***' >&2; exit 134 ;;
                3) echo 'ERROR: *** failed to acquire camera /base/soc ***' >&2; exit 255 ;;
                *) cat /dev/zero ;;
            esac\
            """.replace("COUNT", count.toString()));
        List<String> reasons = new CopyOnWriteArrayList<>();
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        FeedListener listener = new FeedListener() {
            @Override
            public void lost(String camera, String reason, Duration retryIn) {
                reasons.add(reason);
                pauses.add(retryIn);
            }
        };
        FrameOrigin origin = new FrameOrigin("pi", true, () -> open(program, LATE, Duration.ofSeconds(2)));
        try (CameraFeed feed = CameraFeed.start(
                origin, new CameraFeed.Settings(Duration.ZERO, true), listener, InstantSource.system(), pause -> {})) {
            while (reasons.size() < 3) {
                feed.next(LATE).orElseThrow().close();
            }
            feed.next(LATE).orElseThrow().close();
        }
        assertEquals(3, reasons.size(), reasons.toString());
        assertTrue(reasons.get(0).contains("no frame for 2.0 s"), reasons.get(0));
        assertTrue(reasons.get(1).contains("ended with status 134 while the camera was running"), reasons.get(1));
        assertTrue(reasons.get(2).contains("another program is using it"), reasons.get(2));
        // Each gave a frame before it failed: the pause does not grow.
        assertEquals(List.of(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(500)), pauses);
        assertGone();
    }

    @Test
    void closingEndsWaitingAndAStubbornProgram() throws Exception {
        Path program = program(1, "trap '' TERM; while :; do sleep 1; done");
        FrameSource camera = open(program, LATE, LATE);
        Frame held = camera.next().orElseThrow();
        CompletableFuture<Optional<Frame>> waiting = CompletableFuture.supplyAsync(camera::next);
        camera.close();
        assertEquals(Optional.empty(), waiting.get());
        assertEquals(Optional.empty(), camera.next());
        assertGone();
        assertEquals(10, value(Optional.of(held)), "a frame on loan stays readable");
    }

    /** What a program writes lands in the same few buffers. */
    @Test
    void aFrameTakesNoMemoryWorthSpeakingOf() throws IOException {
        Path program = program(0, "exec cat /dev/zero");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().threadId();
        try (FrameSource camera = open(program, LATE, LATE)) {
            long before = 0;
            for (int i = 0; i < 4000; i++) {
                if (i == 1000) {
                    before = threads.getThreadAllocatedBytes(self);
                }
                camera.next().orElseThrow().close();
            }
            double each = (threads.getThreadAllocatedBytes(self) - before) / 3000.0;
            assertTrue(each > 0 && each < 300, each + " bytes a frame");
        }
        assertGone();
    }
}

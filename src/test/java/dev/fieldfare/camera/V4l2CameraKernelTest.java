package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.image.YuvPixels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against the kernel's virtual camera, vivid, which paints what it is told to. {@code tools/pi-in-a-box check} runs this
 * in a machine that has one; elsewhere {@code sudo modprobe vivid} makes one.
 */
class V4l2CameraKernelTest {
    private static final Map<String, String> BARS =
            Map.of("test_pattern", "75% Colorbar", "osd_text_mode", "none", "horizontal_movement", "no movement");

    /** White, yellow, cyan, green, magenta, red, blue, black, at three quarters of full strength. */
    private static final int[][] COLOURS = {
        {191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {0, 0, 0}
    };

    private static String vivid = "";

    @BeforeAll
    static void findVivid() {
        List<V4l2Cameras.Found> found = V4l2Cameras.list().stream()
                .filter(camera -> camera.card().equals("vivid"))
                .toList();
        Assumptions.assumeTrue(!found.isEmpty(), "no virtual camera here; tools/pi-in-a-box check has one");
        vivid = found.getFirst().path().toString();
    }

    @AfterEach
    void connected() throws Exception {
        // Whatever a test did, the next begins with a camera that works.
        try (V4l2Camera camera = open(640, 480, 30, Map.of())) {
            assertTrue(camera.next().isPresent());
        }
    }

    private static V4l2Camera open(int width, int height, double rate, Map<String, String> controls) {
        return new V4l2Camera(new CameraSettings(vivid, width, height, rate, 0, Duration.ZERO, controls));
    }

    private static V4l2Camera open(V4l2Encoding encoding, int width, int height, int rotate) {
        CameraSettings settings = new CameraSettings(vivid, width, height, 30, rotate, Duration.ZERO, BARS);
        return new V4l2Camera(settings, Set.of(encoding));
    }

    @Test
    void oneCameraIsFoundAmongNodesOfOtherKinds() throws Exception {
        long nodes;
        try (Stream<Path> files = Files.list(Path.of("/dev"))) {
            nodes = files.filter(file -> file.getFileName().toString().startsWith("video"))
                    .count();
        }
        List<V4l2Cameras.Found> found = V4l2Cameras.list();
        assertTrue(nodes > found.size(), nodes + " nodes");
        assertEquals(1, found.size());
        assertEquals("platform:vivid-000", found.getFirst().bus());
        assertEquals(Path.of(vivid), V4l2Cameras.find("usb"));
        assertEquals(Path.of(vivid), V4l2Cameras.find("usb:VIVID-000"));
        String missing = assertThrows(FieldfareException.class, () -> V4l2Cameras.find("usb:Logitech"))
                .getMessage();
        assertTrue(missing.contains(vivid + " 'vivid' on platform:vivid-000"), missing);
    }

    @ParameterizedTest
    @EnumSource(
            value = V4l2Encoding.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MJPG", "JPEG", "GREY"}) // vivid does not compress
    void barsHaveTheirColours(V4l2Encoding encoding) throws Exception {
        try (V4l2Camera camera = open(encoding, 640, 480, 0);
                Frame frame = camera.next().orElseThrow()) {
            Picture picture = frame.pixels().toPicture();
            assertEquals(640, picture.width());
            assertEquals(480, picture.height());
            for (int bar = 0; bar < COLOURS.length; bar++) {
                for (int y : new int[] {100, 240, 400}) {
                    assertColour(COLOURS[bar], picture, 80 * bar + 40, y, encoding + ", bar " + bar);
                }
            }
        }
    }

    /** vivid takes the weights of BT.709, and the full range. */
    @Test
    void greyBarsAreTheirLuma() throws Exception {
        try (V4l2Camera camera = open(V4l2Encoding.GREY, 640, 480, 0);
                Frame frame = camera.next().orElseThrow()) {
            Picture picture = frame.pixels().toPicture();
            for (int bar = 0; bar < COLOURS.length; bar++) {
                int[] rgb = COLOURS[bar];
                int luma = (int) Math.round(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
                assertColour(new int[] {luma, luma, luma}, picture, 80 * bar + 40, 240, "bar " + bar);
            }
        }
    }

    private static Stream<Arguments> turns() {
        return Stream.of(
                Arguments.of(90, 480, 640, 240, 40, 0), // white is on top
                Arguments.of(180, 640, 480, 600, 240, 0), // white is on the right
                Arguments.of(270, 480, 640, 240, 40, 7)); // black is on top
    }

    @ParameterizedTest
    @MethodSource("turns")
    void framesAreTurned(int degrees, int width, int height, int x, int y, int bar) throws Exception {
        try (V4l2Camera camera = open(V4l2Encoding.NV12, 640, 480, degrees);
                Frame frame = camera.next().orElseThrow()) {
            Picture picture = frame.pixels().toPicture();
            assertEquals(width, picture.width());
            assertEquals(height, picture.height());
            assertColour(COLOURS[bar], picture, x, y, degrees + " degrees");
        }
    }

    @Test
    void theNearestSizeIsTaken() throws Exception {
        try (V4l2Camera camera = open(320, 180, 15, BARS);
                Frame frame = camera.next().orElseThrow()) {
            assertEquals(320, frame.pixels().width());
            assertEquals(180, frame.pixels().height());
            assertTrue(camera.describe().contains("NV12 320 x 180 at 15"), camera.describe());
        }
        try (V4l2Camera camera = open(300, 200, 15, BARS)) {
            assertTrue(camera.describe().contains("320 x 240"), camera.describe());
        }
    }

    @Test
    void framesAreNewAndTheirBuffersComeRound() throws Exception {
        Map<String, String> moving = Map.of("osd_text_mode", "none", "horizontal_movement", "move right fast");
        try (V4l2Camera camera = open(320, 180, 30, moving)) {
            Pixels last;
            byte[] before;
            try (Frame frame = camera.next().orElseThrow()) {
                last = frame.pixels();
                before = ((YuvPixels) last).bytes().clone();
            }
            try (Frame frame = camera.next().orElseThrow()) {
                assertTrue(java.util.Arrays.mismatch(before, ((YuvPixels) frame.pixels()).bytes()) >= 0);
                try (Frame held = camera.next().orElseThrow()) {
                    assertNotSame(frame.pixels(), held.pixels());
                }
            }
            boolean again = false;
            for (int i = 0; i < 5; i++) {
                try (Frame frame = camera.next().orElseThrow()) {
                    again |= frame.pixels() == last;
                }
            }
            assertTrue(again);
        }
    }

    @Test
    void controlsGoByName() {
        try (V4l2Camera camera =
                open(320, 180, 30, Map.of("Brightness", "77", "gain_automatic", "off", "gain", "100"))) {
            assertEquals(77, camera.control("brightness"));
            assertEquals(100, camera.control("gain"));
            V4l2Control brightness = camera.controls().stream()
                    .filter(control -> control.name().equals("brightness"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    new V4l2Control("brightness", V4l2Control.Kind.NUMBER, 0, 255, 1, 128, List.of(), true),
                    brightness);
        } finally {
            open(320, 180, 30, Map.of("brightness", "128", "gain_automatic", "on"))
                    .close();
        }
        assertMessage("its control brightness takes 0 to 255, not '300'", Map.of("brightness", "300"));
        assertMessage("its control gain_automatic takes on or off, not 'maybe'", Map.of("gain_automatic", "maybe"));
        assertMessage(
                "has no control 'white brightness'. It has brightness: 0 to 255; ", Map.of("white brightness", "1"));
        assertMessage("takes all, counters_only, none, not 'some'", Map.of("osd_text_mode", "some"));
    }

    private static void assertMessage(String part, Map<String, String> controls) {
        String message = assertThrows(FieldfareException.class, () -> open(320, 180, 30, controls))
                .getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void anotherProgramsCameraIsInUse() {
        try (V4l2Camera camera = open(320, 180, 30, BARS)) {
            assertTrue(camera.next().isPresent());
            assertMessage("another program uses it", BARS);
        }
    }

    @Test
    void closingEndsAWait() throws Exception {
        V4l2Camera camera = open(320, 180, 30, Map.of());
        CountDownLatch looks = new CountDownLatch(1);
        CompletableFuture<Integer> frames = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            for (Optional<Frame> frame = camera.next(); frame.isPresent(); frame = camera.next()) {
                frame.get().close();
                count++;
                looks.countDown();
            }
            return count;
        });
        // On a busy machine, an emulated one takes seconds for the first frame.
        assertTrue(looks.await(45, TimeUnit.SECONDS));
        camera.close();
        assertTrue(frames.get(10, TimeUnit.SECONDS) > 0);
        assertEquals(Optional.empty(), camera.next());
    }

    @Test
    void refusalsAreInWords() throws Exception {
        CameraSettings settings = CameraSettings.of("/dev/video77");
        String missing = assertThrows(FieldfareException.class, () -> new V4l2Camera(settings))
                .getMessage();
        assertTrue(missing.startsWith("camera /dev/video77: there is no such device."), missing);
        CameraSettings output = CameraSettings.of("/dev/video1");
        String wrongNode = assertThrows(FieldfareException.class, () -> new V4l2Camera(output))
                .getMessage();
        assertTrue(wrongNode.contains("does not capture pictures"), wrongNode);
    }

    @Test
    void unpluggedAndPluggedInAgain() throws Exception {
        Path driver = Path.of("/sys/bus/platform/drivers/vivid");
        try (V4l2Camera camera = open(320, 180, 30, Map.of())) {
            camera.next().orElseThrow().close();
            Files.writeString(driver.resolve("unbind"), "vivid.0");
            String gone = assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(gone.startsWith("camera " + vivid + ": it was unplugged"), gone);
            assertThrows(FieldfareException.class, () -> V4l2Cameras.find("usb"));
        } finally {
            Files.writeString(driver.resolve("bind"), "vivid.0");
        }
        try (V4l2Camera camera = new V4l2Camera(CameraSettings.of("usb:vivid"))) {
            assertTrue(camera.next().isPresent());
        }
    }

    @Test
    void aCameraThatHangsIsAnErrorAfterTwoSeconds() {
        try (V4l2Camera camera = open(320, 180, 30, Map.of("percentage_of_dropped_buffers", "100"))) {
            String hangs = assertThrows(FieldfareException.class, camera::next).getMessage();
            assertTrue(hangs.contains("sent no frame for 2 seconds"), hangs);
            camera.set(Map.of("percentage_of_dropped_buffers", "0"));
            assertTrue(camera.next().isPresent());
        }
    }

    @Test
    void anErrorOfTheBusIsAnError() {
        try (V4l2Camera camera = open(320, 180, 30, Map.of())) {
            camera.set(Map.of("inject_fatal_streaming_error", "press"));
            String broken = assertThrows(FieldfareException.class, () -> {
                        for (int i = 0; i < 100; i++) {
                            camera.next().orElseThrow().close();
                        }
                    })
                    .getMessage();
            assertTrue(broken.contains("does not answer properly"), broken);
        }
    }

    private static void assertColour(int[] expected, Picture picture, int x, int y, String where) {
        int at = 3 * (y * picture.width() + x);
        for (int i = 0; i < 3; i++) {
            assertEquals(expected[i], picture.rgb()[at + i] & 0xFF, 8, where + ", channel " + i);
        }
    }
}

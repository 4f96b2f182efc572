package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.noise.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameSourcesTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();
    private final List<Duration> slept = new ArrayList<>();

    private FrameOrigin find(String source, int rotate) {
        return FrameSources.find(
                new CameraSettings(source, 320, 240, 4, rotate, Duration.ZERO),
                new FrameSources.Surroundings(
                        index -> new Seed(1).generator("simulated camera", index), slept::add, notes::add));
    }

    private static void picture(Path file, int width, int value) throws Exception {
        Files.createDirectories(file.getParent());
        byte[] rgb = new byte[3 * width * 16];
        java.util.Arrays.fill(rgb, (byte) value);
        PictureWriter.writePng(new Picture(width, 16, rgb), file);
    }

    private static String name(Optional<Frame> frame) {
        try (Frame open = frame.orElseThrow()) {
            return open.name();
        }
    }

    @Test
    void aFolderIsReadInTheOrderOfNamesAndWhatIsBrokenIsSkipped() throws Exception {
        picture(folder.resolve("b/2.png"), 24, 20);
        picture(folder.resolve("a.png"), 16, 10);
        Files.writeString(folder.resolve("b/1.jpg"), "no picture");
        Files.writeString(folder.resolve("readme.txt"), "no picture either");
        FrameOrigin origin = find(folder.toString(), 90);
        assertEquals(false, origin.live());
        try (FrameSource source = origin.opener().get()) {
            assertEquals(folder.resolve("a.png").toString(), name(source.next()));
            try (Frame second = source.next().orElseThrow()) {
                assertEquals(folder.resolve("b/2.png").toString(), second.name());
                assertEquals(16, second.pixels().width(), "turned");
                assertEquals(24, second.pixels().height(), "turned");
            }
            assertEquals(Optional.empty(), source.next());
        }
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().startsWith("skipped: ") && notes.getFirst().contains("1.jpg"), notes::toString);
        assertEquals(List.of(), slept);
    }

    @Test
    void aLoopGoesRoundAtItsPace() throws Exception {
        picture(folder.resolve("a.png"), 16, 10);
        picture(folder.resolve("b.png"), 16, 20);
        FrameOrigin origin = find("loop:" + folder, 0);
        assertEquals(true, origin.live());
        List<String> names = new ArrayList<>();
        try (FrameSource source = origin.opener().get()) {
            for (int i = 0; i < 5; i++) {
                names.add(Path.of(name(source.next())).getFileName().toString());
            }
        }
        assertEquals(List.of("a.png", "b.png", "a.png", "b.png", "a.png"), names);
        assertEquals(Duration.ofMillis(5 * 250), slept.stream().reduce(Duration.ZERO, Duration::plus));
    }

    @Test
    void aFolderWithoutAReadablePictureFails() throws Exception {
        FrameOrigin empty = find(folder.toString(), 0);
        assertThrows(FieldfareException.class, () -> empty.opener().get());
        Files.writeString(folder.resolve("1.jpg"), "no picture");
        try (FrameSource source = find("loop:" + folder, 0).opener().get()) {
            assertThrows(FieldfareException.class, source::next);
        }
    }

    @Test
    void theSimulatedCameraIsFoundByItsName() {
        SimulatedCamera expected = new SimulatedCamera(
                SimulatedBench.evening(), index -> new Seed(1).generator("simulated camera", index));
        try (FrameSource source = find("simulated:evening", 0).opener().get();
                Frame first = source.next().orElseThrow();
                Frame second = source.next().orElseThrow()) {
            assertTrue(first.name().startsWith("simulated:evening frame 0 ("), first.name());
            assertArrayEquals(
                    expected.draw(1).picture().rgb(),
                    second.pixels().toPicture().rgb());
        }
        assertThrows(
                FieldfareException.class,
                () -> find("simulated:noon", 0).opener().get());
    }

    @ParameterizedTest
    @CsvSource({
        "rtsp://anna:geheim@camera:554/stream?token=geheim, rtsp://camera:554/stream",
        "HTTPS://camera/mjpeg, HTTPS://camera/mjpeg",
        "pi, pi",
        "pi:1 --hflip, pi:1 --hflip",
    })
    void aCameraHasANameThatMayBeSaid(String source, String name) {
        FrameOrigin origin = find(source, 0);
        assertEquals(name, origin.name());
        assertEquals(true, origin.live());
    }

    @Test
    void whatIsNotThereIsRefusedWithAListOfWhatIs() {
        for (String source : List.of("pie", "ftp://anna:geheim@camera/x", "missing/folder")) {
            String message = assertThrows(FieldfareException.class, () -> find(source, 0))
                    .getMessage();
            assertTrue(message.contains("pi") && message.contains("rtsp") && message.contains("simulated"), message);
            assertTrue(!message.contains("geheim"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', 320, 240, 15, 0, 0, camera.source",
        "pi, 8, 240, 15, 0, 0, camera.width",
        "pi, 320, 5000, 15, 0, 0, camera.height",
        "pi, 320, 240, 0, 0, 0, camera.framesPerSecond",
        "pi, 320, 240, 15, 45, 0, camera.rotate",
        "pi, 320, 240, 15, 0, 70, camera.settle",
    })
    void settingsOutOfRangeAreRefusedByName(
            String source, int width, int height, double rate, int rotate, int settle, String key) {
        String message = assertThrows(
                        FieldfareException.class,
                        () -> new CameraSettings(source, width, height, rate, rotate, Duration.ofSeconds(settle)))
                .getMessage();
        assertTrue(message.startsWith(key + " must be "), message);
    }
}

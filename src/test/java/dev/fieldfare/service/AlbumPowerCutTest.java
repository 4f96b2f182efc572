package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.disk.PowerCuts;
import dev.fieldfare.disk.RecordingFiles;
import dev.fieldfare.files.WholeFile;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pictures that were kept are there after any power cut, whole; and no half one is. */
class AlbumPowerCutTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 23, 12, 0);

    private Path disk;
    private RecordingFiles files;

    /** Labelled pictures, with the number of operations after which each was promised. */
    private final Map<Path, Integer> kept = new LinkedHashMap<>();

    @BeforeEach
    void format() throws IOException {
        disk = PowerCuts.folder();
        files = new RecordingFiles(disk);
    }

    @AfterEach
    void throwAway() throws IOException {
        PowerCuts.delete(disk);
    }

    private static Picture picture(int shade) {
        byte[] pixels = new byte[3 * 16 * 16];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (shade * 37 + i * (shade % 5 + 1));
        }
        return new Picture(16, 16, pixels);
    }

    private void keep(Album album, String label, String session, int number) {
        Path file = album.keep(picture(kept.size()), label, session, number);
        kept.put(Path.of(files.root().relativize(file).toString()), files.log().size());
    }

    private void work() {
        Album album = new Album(files.root(), "parts");
        album.clearUnfinished();
        String session = album.newSession(NOON, "nut");
        for (int i = 1; i <= 3; i++) {
            keep(album, "nut", session, i);
        }
        for (int i = 0; i < 4; i++) {
            album.keepUnsure(picture(50 + 13 * i), "nut", 0.1 * i, NOON.plusMinutes(i), 1000);
        }
        // The clock was set back.
        String again = album.newSession(NOON, "nut");
        keep(album, "nut", again, 1);
        keep(album, "washer", album.newSession(NOON.minusYears(50), "washer"), 1);
    }

    private List<Path> all(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).toList();
        }
    }

    private void check(Path folder, int operations) throws IOException {
        Album album = new Album(folder, "parts");
        album.clearUnfinished();
        for (Map.Entry<Path, Integer> picture : kept.entrySet()) {
            if (picture.getValue() <= operations) {
                assertArrayEquals(
                        Files.readAllBytes(disk.resolve(picture.getKey())),
                        Files.readAllBytes(folder.resolve(picture.getKey())));
            }
        }
        for (Path file : all(folder)) {
            assertTrue(!WholeFile.isUnfinished(file), file.toString());
            assertEquals(16, PictureReader.read(file, 16).width(), file.toString());
        }
        // It goes on, and overwrites nothing.
        int before = count(album);
        album.keep(picture(99), "nut", album.newSession(NOON, "nut"), 1);
        assertEquals(before + 1, count(album));
    }

    @Test
    void noLabelledPictureIsMissing() throws Exception {
        work();
        assertEquals(5, kept.size());
        assertTrue(PowerCuts.everywhere(files.log(), "album", this::check) > 300);
    }

    @Test
    void whenTheDiskIsFull() throws Exception {
        work();
        int all = files.log().size();
        List<String> messages = new ArrayList<>();
        for (int operations = 0; operations < all; operations++) {
            throwAway();
            format();
            kept.clear();
            files.refuseFrom(operations, "No space left on device");
            try {
                work();
            } catch (FieldfareException e) {
                messages.add(String.valueOf(e.getMessage()));
            }
            check(disk, files.log().size());
        }
        assertTrue(messages.size() > all / 2, messages.size() + " of " + all);
        assertTrue(
                messages.stream().allMatch(message -> message.contains("No space left on device")), messages::toString);
    }

    private static int count(Album album) {
        return new PictureCounts(InstantSource.system()).in(album.pictures());
    }
}

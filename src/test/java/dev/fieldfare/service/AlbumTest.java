package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlbumTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 23, 12, 0);

    @TempDir
    Path data;

    private static Picture picture(int number) {
        byte[] rgb = new byte[3 * 64 * 48];
        new Seed(number).generator("picture").nextBytes(rgb);
        return new Picture(64, 48, rgb);
    }

    private List<String> unsure() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("unsure/parts"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void picturesOfOneSessionBeginAlike() {
        Album album = new Album(data, "parts");
        String session = album.newSession(NOON, "nut");
        assertEquals("20261123-120000", session);
        Path first = album.keep(picture(1), "nut", session, 1);
        assertEquals(data.resolve("pictures/parts/nut/20261123-120000_0001.jpg"), first);
        Picture read = PictureReader.read(first, 48);
        assertEquals(64, read.width());
        // The clock was set back, or somebody presses twice within a second: nothing is overwritten.
        assertEquals("20261123-120001", album.newSession(NOON, "nut"));
        assertEquals("20261123-120000", album.newSession(NOON, "washer"));
        assertEquals(1, new PictureCounts(InstantSource.system()).in(album.pictures()));
        assertEquals(List.of("nut"), album.labels());
        assertEquals(List.of(), new Album(data, "others").labels());
    }

    @Test
    void theSameThingIsNotKeptTwice() throws IOException {
        Album album = new Album(data, "parts");
        assertTrue(album.keepUnsure(picture(1), "great tit", 0.4, NOON, 1 << 20));
        assertFalse(album.keepUnsure(picture(1), "great tit", 0.4, NOON.plusSeconds(60), 1 << 20));
        assertTrue(album.keepUnsure(picture(2), "a/b", 0.5, NOON.plusSeconds(120), 1 << 20));
        assertEquals(List.of("20261123-120000_0.40_great-tit.jpg", "20261123-120200_0.50_a-b.jpg"), unsure());
    }

    /** Of the older half the one that the model was least unsure of goes first; other files are nobody's business. */
    @Test
    void theOldestAndMostOrdinaryGoFirst() throws IOException {
        Album album = new Album(data, "parts");
        double[] probabilities = {0.3, 0.55, 0.4, 0.5};
        for (int i = 0; i < 4; i++) {
            album.keepUnsure(picture(i), "nut", probabilities[i], NOON.plusMinutes(i), 1 << 20);
        }
        Files.writeString(data.resolve("unsure/parts/notes.txt"), "x".repeat(100_000));
        long all = 0;
        for (String name : unsure()) {
            all += name.endsWith(".jpg")
                    ? Files.size(data.resolve("unsure/parts").resolve(name))
                    : 0;
        }
        album.keepUnsure(picture(9), "nut", 0.58, NOON.plusMinutes(9), all + all / 10);
        assertEquals(
                List.of(
                        "20261123-120000_0.30_nut.jpg",
                        "20261123-120200_0.40_nut.jpg",
                        "20261123-120300_0.50_nut.jpg",
                        "20261123-120900_0.58_nut.jpg",
                        "notes.txt"),
                unsure());
    }
}

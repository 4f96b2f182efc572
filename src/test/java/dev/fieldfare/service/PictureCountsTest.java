package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.image.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureCountsTest {
    private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private final PictureCounts counts = new PictureCounts(() -> LONG_AGO.plus(Duration.ofDays(1)));

    @BeforeEach
    void pictures() throws IOException {
        for (String file :
                new String[] {"nut/1.jpg", "nut/2.JPG", "nut/old/3.png", "washer/4.jpg", "washer/notes.txt"}) {
            write(file);
        }
        age();
    }

    private void write(String file) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "");
    }

    /** Everything is as it is for a day. */
    private void age() throws IOException {
        for (String path : new String[] {"", "nut", "nut/old", "washer"}) {
            Files.setLastModifiedTime(folder.resolve(path), FileTime.from(LONG_AGO));
        }
    }

    private void requireCount(int expected, int listings) {
        int before = counts.listings();
        assertEquals(expected, counts.in(folder));
        assertEquals(listings, counts.listings() - before, "listings");
        assertEquals(expected, PictureFiles.list(folder, true).size());
    }

    @Test
    void whatHasNotChangedIsNotListedAgain() throws IOException {
        requireCount(4, 4);
        requireCount(4, 0);
        requireCount(4, 0);
        write("washer/5.jpg");
        Files.setLastModifiedTime(folder.resolve("washer"), FileTime.from(LONG_AGO.plusSeconds(60)));
        requireCount(5, 1);
        requireCount(5, 0);
    }

    /** Of what has just changed, the time does not tell whether it changed once more. */
    @Test
    void whatHasJustChangedIsListedAgain() throws IOException {
        requireCount(4, 4);
        FileTime now = FileTime.from(LONG_AGO.plus(Duration.ofDays(1)).minusMillis(500));
        write("nut/6.jpg");
        Files.setLastModifiedTime(folder.resolve("nut"), now);
        requireCount(5, 1);
        write("nut/7.jpg");
        Files.setLastModifiedTime(folder.resolve("nut"), now);
        requireCount(6, 1);
    }

    @Test
    void foldersComeAndGo() throws IOException {
        requireCount(4, 4);
        Files.delete(folder.resolve("nut/old/3.png"));
        Files.delete(folder.resolve("nut/old"));
        Files.setLastModifiedTime(folder.resolve("nut"), FileTime.from(LONG_AGO.plusSeconds(60)));
        requireCount(3, 1);
        assertEquals(0, counts.in(folder.resolve("none")));
        assertEquals(0, counts.in(folder.resolve("nut/1.jpg")), "a file is no folder");
    }

    @Test
    void aLinkThatLeadsBackIsFollowedOnce() throws IOException {
        Files.createSymbolicLink(folder.resolve("nut/all"), folder);
        assertEquals(4, counts.in(folder));
    }
}

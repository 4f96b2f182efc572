package dev.fieldfare.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    Path folder;

    private static WholeFile.Content text(String text) {
        return channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void writesAndReplacesAndLeavesNothingElse() throws IOException {
        Path file = folder.resolve("deep").resolve("file");
        WholeFile.write(file, text("first, and longer"));
        WholeFile.write(file, text("second"));
        assertEquals("second", Files.readString(file));
        try (var inside = Files.list(folder.resolve("deep"))) {
            assertEquals(List.of(file), inside.toList());
        }
    }

    /** While the new content is being written, and when that fails, the old file is there, whole. */
    @Test
    void theOldFileStaysUntilTheNewOneIsWhole() throws IOException {
        Path file = folder.resolve("file");
        WholeFile.write(file, text("old"));
        var failed = assertThrows(
                FieldfareException.class,
                () -> WholeFile.write(file, channel -> {
                    text("half of the ne").writeTo(channel);
                    assertEquals("old", Files.readString(file));
                    throw new IOException("No space left on device");
                }));
        assertTrue(failed.getMessage().startsWith("cannot write " + file + ": No space left"), failed.getMessage());
        assertEquals("old", Files.readString(file));
        WholeFile.write(file, text("new"));
        assertEquals("new", Files.readString(file));
    }

    /** The example of FIPS 180-4, appendix B.1, and the hash of nothing. */
    @Test
    void hashesAreThoseOfTheStandard() throws IOException {
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertEquals(abc, Sha256.of(Files.writeString(folder.resolve("abc"), "abc")));
        Sha256 hash = new Sha256();
        hash.add("a");
        hash.add("bc");
        assertEquals(abc, hash.finish());
        assertEquals("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hash.finish());
    }
}

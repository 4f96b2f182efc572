package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChangesTest {
    @TempDir
    Path folder;

    private final FileChanges changes = new FileChanges();

    @Test
    void aChangeCountsOnceItIsOver() throws IOException {
        Path file = Files.writeString(folder.resolve("model"), "one");
        changes.take(file);
        assertFalse(changes.hasSettled(file));
        assertFalse(changes.hasSettled(file));
        Files.writeString(file, "one and");
        assertFalse(changes.hasSettled(file), "it may go on");
        Files.writeString(file, "one and two");
        assertFalse(changes.hasSettled(file), "it did");
        assertTrue(changes.hasSettled(file));
        assertTrue(changes.hasSettled(file), "until it is taken");
        assertTrue(changes.take(file));
        assertFalse(changes.hasSettled(file));
        assertFalse(changes.take(file), "somebody was faster");
    }

    /** As programs do that write files whole: another file of the same size, perhaps of the same time. */
    @Test
    void aFileThatTakesItsPlaceIsAnother() throws IOException {
        Path file = Files.writeString(folder.resolve("model"), "one");
        FileTime time = Files.getLastModifiedTime(file);
        changes.take(file);
        assertFalse(changes.hasSettled(file));
        Path other = Files.writeString(folder.resolve("other"), "two");
        Files.setLastModifiedTime(other, time);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        assertFalse(changes.hasSettled(file));
        assertTrue(changes.hasSettled(file));
    }

    @Test
    void toGoAndToComeAreChanges() throws IOException {
        Path file = folder.resolve("model");
        changes.take(file);
        assertFalse(changes.hasSettled(file));
        assertFalse(changes.hasSettled(file));
        Files.writeString(file, "one");
        assertFalse(changes.hasSettled(file));
        assertTrue(changes.hasSettled(file));
        assertTrue(changes.take(file));
        Files.delete(file);
        assertFalse(changes.hasSettled(file));
        assertTrue(changes.hasSettled(file));
    }
}

package dev.fieldfare.files;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes files whole: under a temporary name, synced, then renamed. Whoever reads finds the old file, the new one or
 * none, but never half of one, whenever power fails.
 */
public final class WholeFile {
    private static final String PART = ".part";

    private WholeFile() {}

    /** What writes the content. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file; its folder is made where it is missing.
     *
     * @throws FieldfareException naming the file if it cannot be written; an old file is then as it was
     */
    public static void write(Path file, Content content) {
        Path absolute = file.toAbsolutePath();
        Path folder = Objects.requireNonNull(absolute.getParent());
        Path temporary = absolute.resolveSibling(absolute.getFileName() + PART);
        try {
            Folders.make(folder);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Folders.sync(folder);
        } catch (IOException e) {
            clear(temporary, e);
            throw new FieldfareException(
                    "cannot write " + file + ": " + e.getMessage() + "; check free space and permissions", e);
        }
    }

    /** A full disk needs the room of what could not be finished. */
    private static void clear(Path temporary, IOException failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Whether a file is one that was never finished: what a power cut may leave. */
    public static boolean isUnfinished(Path file) {
        return String.valueOf(file.getFileName()).endsWith(PART);
    }
}

package dev.fieldfare.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of some files others have changed since they were taken up, without reading them. For several threads. */
final class FileChanges {
    private final Map<Path, Optional<Stamp>> taken = new HashMap<>();
    private final Map<Path, Optional<Stamp>> seen = new HashMap<>();

    /** A new file of the same name has another key. */
    private record Stamp(FileTime time, long size, @Nullable Object key) {}

    /** Empty where there is no such file, which is a state like any other. */
    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Says that the file is about to be taken up; true if it is another than at the last time. */
    synchronized boolean take(Path file) {
        Optional<Stamp> now = stamp(file);
        return !now.equals(taken.put(file, now));
    }

    /**
     * Whether the file is another than the one that was taken up, and was so at the last look already: what is still being
     * written is left alone.
     */
    synchronized boolean hasSettled(Path file) {
        Optional<Stamp> now = stamp(file);
        return now.equals(seen.put(file, now)) && !now.equals(taken.get(file));
    }
}

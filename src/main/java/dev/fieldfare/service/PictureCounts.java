package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many pictures lie in folders, asked again and again: a folder is listed anew only when something in it came, went or
 * was renamed, which changes its time; whoever keeps ten thousand pictures asks for a dozen times instead. For several threads.
 */
final class PictureCounts {
    /** The coarsest clock of a file system, FAT's: what changes twice within it may not show. */
    private static final Duration COARSE = Duration.ofSeconds(2);

    private final InstantSource clock;
    private final Map<Path, Listed> known = new HashMap<>();
    private int listings;

    private record Listed(Instant changed, int pictures, List<Path> folders) {}

    PictureCounts(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * The pictures in a folder and in all folders in it; 0 where there is none.
     *
     * @throws FieldfareException if it cannot be read
     */
    synchronized int in(Path folder) {
        try {
            return count(folder, new HashSet<>());
        } catch (IOException e) {
            throw new FieldfareException(
                    "the pictures in " + folder + " cannot be counted: " + e + ". Check that the folder may be read",
                    e);
        }
    }

    /** How often a folder was listed so far. */
    synchronized int listings() {
        return listings;
    }

    private int count(Path folder, Set<Object> above) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(folder, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            known.remove(folder);
            return 0;
        }
        Object key = attributes.fileKey() == null ? folder.toRealPath() : attributes.fileKey();
        // A link that leads back is followed once.
        if (!attributes.isDirectory() || !above.add(key)) {
            return 0;
        }
        Instant changed = attributes.lastModifiedTime().toInstant();
        Listed listed = known.get(folder);
        if (listed == null || !listed.changed().equals(changed)) {
            Instant now = clock.instant();
            listed = list(folder, changed);
            if (Duration.between(changed, now).compareTo(COARSE) > 0) {
                known.put(folder, listed);
            } else {
                known.remove(folder);
            }
        }
        int count = listed.pictures();
        for (Path below : listed.folders()) {
            count += count(below, above);
        }
        return count;
    }

    private Listed list(Path folder, Instant changed) throws IOException {
        listings++;
        int pictures = 0;
        List<Path> folders = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (Files.isDirectory(entry)) {
                    folders.add(entry);
                } else if (PictureFiles.isPicture(entry)) {
                    pictures++;
                }
            }
        }
        return new Listed(changed, pictures, folders);
    }
}

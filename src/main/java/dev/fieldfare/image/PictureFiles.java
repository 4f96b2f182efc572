package dev.fieldfare.image;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Finds picture files. */
public final class PictureFiles {
    /** Among them kinds that phones make and nothing here decodes: these are named and skipped, not passed over. */
    private static final Set<String> EXTENSIONS = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "mpo", "png", "bmp", "gif", "tif", "tiff", "wbmp", "webp", "heic", "heif",
            "avif", "dng");

    private PictureFiles() {}

    /**
     * Whether the name is that of a picture, which {@link PictureReader} decodes or refuses by name. By the extension, upper or lower
     * case; nothing is read. Names that start with a dot are not: they are thumbnails and leftovers of other systems.
     */
    public static boolean isPicture(Path file) {
        Path fileName = file.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        int dot = name.lastIndexOf('.');
        return dot > 0
                && !name.startsWith(".")
                && EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    /** The pictures that lie in the folder itself. See {@link #list(Path, boolean)}. */
    public static List<Path> list(Path folder) {
        return list(folder, false);
    }

    /**
     * The pictures in a folder, sorted by path, so that every machine sees one order. Links are followed.
     *
     * @param recursive whether to look into the folders in the folder, too
     * @return paths that begin with {@code folder}; an empty list if there is no picture
     * @throws FieldfareException if the folder is missing, is no folder, or cannot be read
     */
    public static List<Path> list(Path folder, boolean recursive) {
        if (!Files.exists(folder)) {
            throw new FieldfareException(
                    "the folder " + folder + " does not exist; expected a folder with pictures. Check the path.");
        }
        if (!Files.isDirectory(folder)) {
            throw new FieldfareException(folder + " is not a folder; expected a folder with pictures. Name the folder"
                    + " that the file lies in, or use the file as a picture.");
        }
        int depth = recursive ? Integer.MAX_VALUE : 1;
        try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> isPicture(file) && Files.isRegularFile(file))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
            throw new FieldfareException(
                    "the folder " + folder + " cannot be listed: " + cause
                            + ". Check that it may be read and that no link in it leads back into it.",
                    e);
        }
    }
}

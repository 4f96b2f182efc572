package dev.fieldfare.runtime;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A path that ONNX Runtime's Java binding can hand over. It passes names on in Java's modified UTF-8, which spells
 * characters beyond U+FFFF (emoji, for example) in a way that no file has; a link with a plain name leads there.
 * External data beside a model is found through the link, unless the model's own name needs one.
 *
 * @param path to the file, good until this is closed
 * @param folder of the link, removed at the end; null where none was needed
 */
record PlainPath(Path path, @Nullable Path folder) implements AutoCloseable {
    private static final String LINK = "model";

    static PlainPath to(Path file) {
        if (isPlain(file.toString())) {
            return new PlainPath(file, null);
        }
        try {
            Path whole = file.toAbsolutePath();
            Path parent = whole.getParent();
            String name = String.valueOf(whole.getFileName());
            Path folder = Files.createTempDirectory("fieldfare-");
            Path link = folder.resolve(LINK);
            boolean byFolder = parent != null && isPlain(name);
            Files.createSymbolicLink(link, byFolder ? parent : whole);
            return new PlainPath(byFolder ? link.resolve(name) : link, folder);
        } catch (IOException | UnsupportedOperationException e) {
            throw new FieldfareException(
                    "ONNX Runtime cannot open " + file + " by its name, and a link to it could not be made ("
                            + e.getMessage() + "); rename the file or its folder, without emoji",
                    e);
        }
    }

    private static boolean isPlain(String name) {
        return name.chars().noneMatch(unit -> Character.isSurrogate((char) unit));
    }

    @Override
    public void close() {
        if (folder == null) {
            return;
        }
        try {
            Files.deleteIfExists(folder.resolve(LINK));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new FieldfareException("cannot remove " + folder + ": " + e.getMessage(), e);
        }
    }
}

package dev.fieldfare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Models, pictures and reference outputs that are not part of the repository. Tests that need them skip without. */
public final class TestData {
    private static final Path FOLDER = Path.of(System.getProperty("fieldfare.data", "../shared/data"));

    private TestData() {}

    /** A file or folder of the test data; where it is absent the test is skipped, with the reason. */
    public static Path path(String relative) {
        Path path = FOLDER.resolve(relative);
        Assumptions.assumeTrue(Files.exists(path), "test data " + path + " is not on this machine");
        return path;
    }

    /** The files of a folder whose names end like this, sorted; none where the folder is absent. */
    public static List<Path> list(String folder, String ending) {
        Path path = FOLDER.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

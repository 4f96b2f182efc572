package dev.fieldfare.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files in which the kernel tells about the machine. Which of them there are depends on machine and kernel: what is
 * absent or cannot be read is not known.
 *
 * @param root {@code /}, or a folder that stands for it
 */
record SystemFiles(Path root) {
    /** A path of the machine, such as {@code /proc/meminfo}. */
    Path path(String file) {
        return root.resolve(file.substring(1));
    }

    /** The text of a file, without space around it. */
    Optional<String> text(String file) {
        try {
            // Strings of the device tree end with a zero byte.
            return Optional.of(Files.readString(path(file)).replace("\0", "").strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The lines of a file; none where it is absent. */
    List<String> lines(String file) {
        return text(file).map(text -> text.lines().toList()).orElse(List.of());
    }

    /** The value behind a key and a colon in a file of such lines. */
    Optional<String> value(String file, String key) {
        return lines(file).stream()
                .filter(line -> line.startsWith(key)
                        && line.substring(key.length()).strip().startsWith(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    /** The entries of a folder whose names begin like this, sorted. */
    List<Path> entries(String folder, String beginning) {
        try (Stream<Path> entries = Files.list(path(folder))) {
            return entries.filter(entry -> String.valueOf(entry.getFileName()).startsWith(beginning))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The text of a file that was found as an entry. */
    Optional<String> text(Path entry, String file) {
        return text("/" + root.relativize(entry.resolve(file)));
    }
}

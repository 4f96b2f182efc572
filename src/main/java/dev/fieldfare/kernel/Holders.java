package dev.fieldfare.kernel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who has a device file open. */
public final class Holders {
    private static final Path PROCESSES = Path.of("/proc");

    private Holders() {}

    /**
     * The other programs that have the file open, as the end of a sentence: {@code " (motion, process 812)"}; empty
     * where none can be seen, since the processes of other users are only seen by root.
     */
    public static String of(Path device) {
        List<String> found = new ArrayList<>();
        try {
            Path real = device.toRealPath();
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
                for (Path process : processes) {
                    if (!process.endsWith(Long.toString(ProcessHandle.current().pid())) && holds(process, real)) {
                        found.add(Files.readString(process.resolve("comm")).strip() + ", process "
                                + process.getFileName());
                    }
                }
            }
        } catch (IOException e) {
            return ""; // who holds it is only an addition to a message
        }
        return found.isEmpty() ? "" : " (" + String.join("; ", found) + ")";
    }

    private static boolean holds(Path process, Path device) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (Files.readSymbolicLink(file).equals(device)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // another user's, or it has ended meanwhile
        }
        return false;
    }
}

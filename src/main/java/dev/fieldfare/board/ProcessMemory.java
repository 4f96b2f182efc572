package dev.fieldfare.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The memory of this process as the kernel counts it: heap, code, ONNX Runtime and mapped files together. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** The largest resident set so far, in bytes; empty where the system is not Linux. */
    public static OptionalLong peak() {
        return read("VmHWM:");
    }

    /** The resident set now, in bytes; empty where the system is not Linux. */
    public static OptionalLong resident() {
        return read("VmRSS:");
    }

    private static OptionalLong read(String key) {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the kernel does not tell this process its memory", e);
        }
    }
}

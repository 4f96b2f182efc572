package dev.fieldfare.board;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The memory of the machine, in bytes, from {@code /proc/meminfo}.
 *
 * @param available what programs can still have without swapping
 * @param swap of all kinds
 * @param compressed whether some of the swap is memory that is compressed (zram)
 */
public record MachineMemory(long total, long available, long swap, boolean compressed) {
    private static final String FILE = "/proc/meminfo";

    /** Reads it; empty where the system is not Linux. */
    public static Optional<MachineMemory> read(Path root) {
        SystemFiles files = new SystemFiles(root);
        Optional<Long> total = bytes(files, "MemTotal");
        return total.map(all -> new MachineMemory(
                all,
                bytes(files, "MemAvailable").orElse(0L),
                bytes(files, "SwapTotal").orElse(0L),
                files.lines("/proc/swaps").stream().anyMatch(line -> line.contains("zram"))));
    }

    private static Optional<Long> bytes(SystemFiles files, String key) {
        return files.value(FILE, key).map(value -> 1024 * Long.parseLong(value.replaceAll("\\D", "")));
    }
}

package dev.fieldfare.board;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/**
 * A battery that the kernel knows, and that feeds the machine (Linux, Documentation/ABI/testing/sysfs-class-power).
 *
 * @param percent of its charge, 0 to 100
 * @param discharging whether nothing charges it
 */
public record Battery(int percent, boolean discharging) {
    private static final String SUPPLIES = "/sys/class/power_supply";

    /**
     * Reads the emptiest that there is.
     *
     * @param root {@code /}, or a folder that stands for it
     */
    public static Optional<Battery> read(Path root) {
        SystemFiles files = new SystemFiles(root);
        return files.entries(SUPPLIES, "").stream()
                .filter(supply -> files.text(supply, "type").equals(Optional.of("Battery")))
                .filter(supply -> !files.text(supply, "scope").equals(Optional.of("Device"))) // a mouse's
                .flatMap(supply -> files
                        .text(supply, "capacity")
                        .filter(percent -> percent.matches("\\d{1,3}"))
                        .map(percent -> new Battery(
                                Integer.parseInt(percent),
                                files.text(supply, "status").equals(Optional.of("Discharging"))))
                        .stream())
                .min(Comparator.comparingInt(Battery::percent));
    }
}

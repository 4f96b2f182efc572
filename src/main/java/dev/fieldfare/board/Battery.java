package dev.fieldfare.board;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/**
 * A battery that feeds the machine.
 *
 * @param percent of its charge, 0 to 100
 * @param isDischarging whether the machine lives on it now
 */
public record Battery(int percent, boolean isDischarging) {
    /** The emptiest one; empty where there is none. A mouse's is not meant. */
    public static Optional<Battery> read(Path root) {
        SystemFiles files = new SystemFiles(root);
        return files.entries("/sys/class/power_supply", "").stream()
                .filter(supply ->
                        files.text(supply, "type").filter("Battery"::equals).isPresent())
                .filter(supply ->
                        files.text(supply, "scope").filter("Device"::equals).isEmpty())
                .flatMap(supply -> files.text(supply, "capacity").filter(text -> text.matches("\\d{1,3}")).stream()
                        .map(percent -> new Battery(
                                Math.min(100, Integer.parseInt(percent)),
                                files.text(supply, "status")
                                        .filter("Discharging"::equals)
                                        .isPresent())))
                .min(Comparator.comparingInt(Battery::percent));
    }
}

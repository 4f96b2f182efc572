package dev.fieldfare.board;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How hot the processor is, and whether a Raspberry Pi has slowed it down. The bits are those of {@code vcgencmd
 * get_throttled} (Raspberry Pi documentation, "vcgencmd"): 0 under-voltage, 1 frequency capped, 2 throttled, 3 soft limit of
 * temperature; 16 to 19 the same since the start.
 *
 * @param celsius of the hottest part that has a sensor
 * @param throttled the bits; empty where the machine does not tell
 */
public record Heat(OptionalDouble celsius, Optional<Long> throttled) {
    private static final String PLATFORM = "/sys/devices/platform";
    private static final long UNDER_VOLTAGE = 1;
    private static final long SLOWED = 0b1110;
    private static final int SINCE_START = 16;

    public static Heat read(Path root) {
        SystemFiles files = new SystemFiles(root);
        OptionalDouble celsius = files.entries("/sys/class/thermal", "thermal_zone").stream()
                .map(zone -> files.text(zone, "temp").flatMap(Heat::number).orElse(null))
                .filter(Objects::nonNull)
                .mapToDouble(thousandths -> thousandths / 1000.0)
                .max();
        Optional<Long> bits = firmware(files);
        return new Heat(celsius, isLowVoltage(files) ? Optional.of(bits.orElse(0L) | UNDER_VOLTAGE) : bits);
    }

    /** At {@code soc/soc:firmware}, on a Pi 5 with an address in both names. */
    private static Optional<Long> firmware(SystemFiles files) {
        return files.entries(PLATFORM, "soc").stream()
                .flatMap(bus -> files.entries(PLATFORM + "/" + bus.getFileName(), "soc").stream())
                .flatMap(firmware -> files.text(firmware, "get_throttled").stream())
                .map(bits -> bits.replaceFirst("^0x", ""))
                .filter(bits -> bits.matches("[0-9a-fA-F]{1,8}"))
                .map(bits -> Long.parseLong(bits, 16))
                .findFirst();
    }

    /** The kernel's own watch over the voltage, which needs no firmware interface. */
    private static boolean isLowVoltage(SystemFiles files) {
        return files.entries("/sys/class/hwmon", "hwmon").stream()
                .filter(monitor ->
                        files.text(monitor, "name").filter("rpi_volt"::equals).isPresent())
                .anyMatch(monitor -> files.text(monitor, "in0_lcrit_alarm")
                        .filter("1"::equals)
                        .isPresent());
    }

    private static Optional<Long> number(String text) {
        return text.matches("-?\\d{1,9}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private boolean has(long bits) {
        return throttled.filter(found -> (found & bits) != 0).isPresent();
    }

    /** Whether its supply gives too little now. */
    public boolean isUnderVoltage() {
        return has(UNDER_VOLTAGE);
    }

    /** Whether it is slowed down now, for heat or for its supply. */
    public boolean isSlowed() {
        return has(SLOWED);
    }

    /** Whether its supply gave too little at some time since the start. */
    public boolean wasUnderVoltage() {
        return has(UNDER_VOLTAGE << SINCE_START);
    }

    /** Whether it was slowed down at some time since the start. */
    public boolean wasSlowed() {
        return has(SLOWED << SINCE_START);
    }
}

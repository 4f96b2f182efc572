package dev.fieldfare.board;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the kernel and the firmware say of the board: model, heat, power, memory. Everything is read anew when it is asked
 * for, from small files that cost next to nothing; what a board does not tell is empty.
 */
public final class Board {
    private final Path root;

    /** @param root the folder that {@code proc} and {@code sys} are in */
    public Board(Path root) {
        this.root = root;
    }

    /** This one. */
    public static Board here() {
        return new Board(Path.of("/"));
    }

    /** What is wrong with a Pi's power or heat at this moment. */
    public enum Trouble {
        /** Below 4.63 V: anything may happen, damaged files included. */
        UNDER_VOLTAGE("the supply's voltage is too low: use the board's own power supply and a short, thick cable"),
        /** The processor is slowed, because of heat or power. */
        SLOWED("the processor is slowed down by its firmware, because of heat or power"),
        /** Above the soft limit, 60 to 85 degrees by model. */
        HOT("the board is close to its heat limit: give it air or a heat sink");

        private final String words;

        Trouble(String words) {
            this.words = words;
        }

        /** What it is and what to do, as a sentence without an end. */
        public String words() {
            return words;
        }
    }

    /**
     * A battery that feeds the board.
     *
     * @param percent of its charge, 0 to 100
     * @param discharging whether the board lives on it now
     */
    public record Battery(int percent, boolean discharging) {}

    /**
     * Memory in bytes.
     *
     * @param total what the kernel has
     * @param available what programs may take without anybody having to give up something
     */
    public record Memory(long total, long available) {}

    /** What it calls itself: {@code "Raspberry Pi 4 Model B Rev 1.4"}. Empty for machines without a device tree. */
    public Optional<String> model() {
        return text("proc/device-tree/model")
                .map(model -> model.replace("\0", "").strip());
    }

    /** Of the processor, in degrees Celsius. */
    public OptionalDouble temperature() {
        List<Path> zones = list("sys/class/thermal", "thermal_zone[0-9]*");
        return zones.stream()
                .filter(zone -> text(zone.resolve("type"))
                        .filter(type -> type.contains("cpu") || type.contains("soc") || type.equals("x86_pkg_temp"))
                        .isPresent())
                .flatMap(zone -> number(zone.resolve("temp")).stream().boxed())
                .mapToDouble(thousandths -> thousandths / 1000.0)
                .max();
    }

    /** What is wrong now; empty also where nobody tells. */
    public Set<Trouble> troubles() {
        EnumSet<Trouble> troubles = EnumSet.noneOf(Trouble.class);
        firmwareFlags().ifPresent(flags -> {
            // The firmware's "get_throttled": what is true now is in the four lowest bits.
            addIf(troubles, (flags & 1) != 0, Trouble.UNDER_VOLTAGE);
            addIf(troubles, (flags & 0b110) != 0, Trouble.SLOWED);
            addIf(troubles, (flags & 0b1000) != 0, Trouble.HOT);
        });
        for (Path monitor : list("sys/class/hwmon", "hwmon[0-9]*")) {
            boolean volts =
                    text(monitor.resolve("name")).filter("rpi_volt"::equals).isPresent();
            addIf(troubles, volts && number(monitor.resolve("in0_lcrit_alarm")).orElse(0) != 0, Trouble.UNDER_VOLTAGE);
        }
        return troubles;
    }

    private static void addIf(Set<Trouble> troubles, boolean holds, Trouble trouble) {
        if (holds) {
            troubles.add(trouble);
        }
    }

    private OptionalLong firmwareFlags() {
        for (Path bus : list("sys/devices/platform", "soc*")) {
            for (Path firmware : list(root.relativize(bus).toString(), "*firmware*")) {
                Optional<String> flags = text(firmware.resolve("get_throttled"));
                if (flags.isPresent() && flags.get().matches("(0x)?[0-9a-fA-F]{1,8}")) {
                    return OptionalLong.of(Long.parseLong(flags.get().replaceFirst("^0x", ""), 16));
                }
            }
        }
        return OptionalLong.empty();
    }

    /** The emptiest one that feeds the board; a mouse's is not meant. */
    public Optional<Battery> battery() {
        return list("sys/class/power_supply", "*").stream()
                .filter(supply ->
                        text(supply.resolve("type")).filter("Battery"::equals).isPresent())
                .filter(supply ->
                        text(supply.resolve("scope")).filter("Device"::equals).isEmpty())
                .flatMap(supply -> number(supply.resolve("capacity")).stream()
                        .mapToObj(percent -> new Battery(
                                (int) Math.clamp(percent, 0, 100),
                                text(supply.resolve("status"))
                                        .filter("Discharging"::equals)
                                        .isPresent())))
                .min(Comparator.comparingInt(Battery::percent));
    }

    public Optional<Memory> memory() {
        return text("proc/meminfo").flatMap(table -> {
            OptionalLong total = kibibytes(table, "MemTotal");
            OptionalLong available = kibibytes(table, "MemAvailable");
            return total.isPresent() && available.isPresent()
                    ? Optional.of(new Memory(total.getAsLong(), available.getAsLong()))
                    : Optional.empty();
        });
    }

    private static OptionalLong kibibytes(String table, String key) {
        return table.lines()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst();
    }

    private Optional<String> text(String path) {
        return text(root.resolve(path));
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException e) {
            // No such file, or a sensor that has nothing to say at the moment (ENODATA, EAGAIN): not told.
            return Optional.empty();
        }
    }

    private static OptionalLong number(Path file) {
        Optional<String> text = text(file).filter(found -> found.matches("-?\\d{1,18}"));
        return text.map(found -> OptionalLong.of(Long.parseLong(found))).orElseGet(OptionalLong::empty);
    }

    private List<Path> list(String folder, String names) {
        List<Path> paths = new ArrayList<>();
        Path parent = root.resolve(folder);
        if (Files.isDirectory(parent)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, names)) {
                found.forEach(paths::add);
            } catch (IOException e) {
                return List.of(); // gone meanwhile, or closed to this user: not told
            }
        }
        paths.sort(null);
        return paths;
    }
}

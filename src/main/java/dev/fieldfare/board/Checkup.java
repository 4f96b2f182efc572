package dev.fieldfare.board;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;

/** Looks a machine over: whether Fieldfare can run on it, and what will not go well. */
public final class Checkup {
    private static final long MEGABYTE = 1 << 20;
    private static final double WARM = 70;
    private static final double HOT = 80;

    private final SystemFiles files;
    private final Path root;
    private final String architecture;

    /**
     * @param root {@code /}, or a folder that stands for it
     * @param architecture that this Java was made for, as its property {@code os.arch}
     */
    public Checkup(Path root, String architecture) {
        this.files = new SystemFiles(root);
        this.root = root;
        this.architecture = architecture;
    }

    /** All that can be seen without doing anything. */
    public List<Finding> findings() {
        List<Finding> all = new ArrayList<>();
        all.add(system());
        all.add(processor());
        memory().ifPresent(all::add);
        heat().ifPresent(all::add);
        throttling().ifPresent(all::add);
        all.add(groups());
        return all;
    }

    private String model() {
        return files.text("/proc/device-tree/model")
                .or(() -> files.value("/proc/cpuinfo", "model name"))
                .orElse("unknown machine");
    }

    private Finding system() {
        String found = model() + ", " + architecture;
        if (Set.of("aarch64", "amd64").contains(architecture)) {
            return Finding.ok("system", found);
        }
        // ARMv8 in a 32-bit process still calls itself 8.
        boolean could = files.value("/proc/cpuinfo", "CPU architecture")
                .filter("8"::equals)
                .isPresent();
        return Finding.fail(
                "system",
                found + ": Fieldfare needs a 64-bit system",
                could
                        ? "the processor has 64 bits: write the 64-bit Raspberry Pi OS to the card (its kernel may be"
                                + " 64-bit already, its programs are not) and a 64-bit Java"
                        : "a board with a 64-bit processor is needed: a Raspberry Pi Zero 2 W, 3, 4, 5 or newer");
    }

    private Finding processor() {
        List<String> features = files.value("/proc/cpuinfo", "Features")
                .or(() -> files.value("/proc/cpuinfo", "flags"))
                .map(line -> Arrays.asList(line.split("\\s+")))
                .orElse(List.of());
        if (features.isEmpty()) {
            return Finding.warn("processor", "the system does not tell its features", "no matter if 'engine' is OK");
        }
        boolean arm = architecture.equals("aarch64");
        List<String> useful =
                arm ? List.of("asimd", "asimddp", "asimdhp", "i8mm", "sve") : List.of("avx", "avx2", "avx512f", "fma");
        String found =
                String.join(" ", useful.stream().filter(features::contains).toList());
        if (arm && !features.contains("asimd")) {
            return Finding.fail(
                    "processor", "no asimd (NEON)", "ONNX Runtime needs it: a board with an ARMv8 processor will do");
        }
        if (!arm && !features.contains("avx")) {
            return Finding.warn("processor", "no avx", "looks will be slow; a machine of 2013 or later has it");
        }
        boolean dot = features.contains("asimddp") || !arm;
        return Finding.ok("processor", found + (dot ? "" : "; no asimddp (dot products): int8 models gain little"));
    }

    private Optional<Finding> memory() {
        return MachineMemory.read(root).map(memory -> {
            String found = String.format(
                    Locale.ROOT,
                    "%d MB, %d MB of them available, %s",
                    memory.total() / MEGABYTE,
                    memory.available() / MEGABYTE,
                    memory.swap() == 0
                            ? "no swap"
                            : memory.swap() / MEGABYTE + " MB swap" + (memory.compressed() ? " (zram)" : ""));
            if (memory.total() < 350 * MEGABYTE) {
                return Finding.fail("memory", found, "a board with 512 MB or more is needed");
            }
            if (memory.available() < 150 * MEGABYTE) {
                return Finding.warn(
                        "memory",
                        found,
                        "end other programs; a system without a desktop (Raspberry Pi OS Lite) leaves more");
            }
            if (memory.total() < 1000 * MEGABYTE && memory.swap() == 0) {
                return Finding.warn("memory", found, "compressed swap helps small boards: sudo apt install zram-tools");
            }
            return Finding.ok("memory", found);
        });
    }

    private Optional<Finding> heat() {
        OptionalDouble celsius = Heat.read(root).celsius();
        if (celsius.isEmpty()) {
            return Optional.empty();
        }
        String found = String.format(Locale.ROOT, "%.0f degrees Celsius", celsius.getAsDouble());
        if (celsius.getAsDouble() >= HOT) {
            return Optional.of(Finding.warn("heat", found, "give it a heat sink, a fan, shade: it slows itself down"));
        }
        if (celsius.getAsDouble() >= WARM) {
            return Optional.of(Finding.warn("heat", found, "retraining will make it hotter; a heat sink helps"));
        }
        return Optional.of(Finding.ok("heat", found));
    }

    private Optional<Finding> throttling() {
        Heat heat = Heat.read(root);
        if (heat.throttled().isEmpty()) {
            return Optional.empty();
        }
        String supply = "use the power supply that was made for this board, and a short cable";
        if (heat.isUnderVoltage()) {
            return Optional.of(Finding.warn("throttling", "the supply gives too little now", supply));
        }
        if (heat.isSlowed()) {
            return Optional.of(Finding.warn("throttling", "it is slowed down now", "cool it, and see to its supply"));
        }
        if (heat.wasUnderVoltage()) {
            return Optional.of(
                    Finding.warn("throttling", "the supply gave too little at times since it was started", supply));
        }
        if (heat.wasSlowed()) {
            return Optional.of(Finding.warn(
                    "throttling", "it was slowed down at times since it was started", "a heat sink or a fan helps"));
        }
        return Optional.of(Finding.ok("throttling", "none since it was started"));
    }

    /** Pins belong to group gpio and cameras to group video, where there are such groups. */
    private Finding groups() {
        List<String> ids = new ArrayList<>();
        for (String key : List.of("Groups", "Gid")) {
            files.value("/proc/self/status", key).ifPresent(line -> ids.addAll(Arrays.asList(line.split("\\s+"))));
        }
        boolean root = files.value("/proc/self/status", "Uid")
                .filter(line -> line.split("\\s+")[0].equals("0"))
                .isPresent();
        if (root) {
            return Finding.ok("groups", "root may do everything; a user of its own is safer for a service");
        }
        Predicate<String[]> missing = fields -> Set.of("gpio", "video").contains(fields[0]) && !ids.contains(fields[2]);
        List<String> absent = files.lines("/etc/group").stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length > 2)
                .filter(missing)
                .map(fields -> fields[0])
                .sorted()
                .toList();
        if (absent.isEmpty()) {
            return Finding.ok("groups", "this user may use pins and cameras");
        }
        return Finding.warn(
                "groups",
                "this user is not in " + String.join(" and ", absent),
                "sudo usermod -aG " + String.join(",", absent) + " $USER, then log in again");
    }

    /**
     * The cameras that a program could open.
     *
     * @param programs names of programs that were found of those that speak to the Pi's own camera
     */
    public Finding cameras(List<String> programs) {
        List<Path> devices = files.entries("/dev", "video");
        List<String> closed = devices.stream()
                .filter(device -> !Files.isReadable(device) || !Files.isWritable(device))
                .map(device -> "/" + root.relativize(device))
                .toList();
        String found = devices.size() + " video devices" + (programs.isEmpty() ? "" : ", " + programs.getFirst());
        if (!closed.isEmpty()) {
            return Finding.warn(
                    "camera",
                    found + "; this user may not open " + String.join(", ", closed),
                    "sudo usermod -aG video $USER, then log in again");
        }
        if (model().contains("Raspberry Pi") && programs.isEmpty()) {
            return Finding.warn(
                    "camera", found + ", no rpicam-vid", "for the Pi's own camera: sudo apt install rpicam-apps-lite");
        }
        if (devices.isEmpty() && programs.isEmpty()) {
            return Finding.warn("camera", "none", "plug one in; 'simulated' and folders work without");
        }
        return Finding.ok("camera", found);
    }

    /**
     * The clock.
     *
     * @param year that it shows
     */
    public Finding clock(int year) {
        // Boards without a battery begin in 1970, or when they were last used.
        if (year < 2025) {
            return Finding.warn(
                    "clock",
                    "it shows the year " + year,
                    "retraining at a time of day and encrypted connections need the time: connect it to a network, or"
                            + " sudo date -s '2026-01-31 12:00'");
        }
        boolean asks = Files.isDirectory(files.path("/run/systemd/timesync"));
        if (asks && !Files.exists(files.path("/run/systemd/timesync/synchronized"))) {
            return Finding.warn(
                    "clock",
                    "not set by a time server since the start",
                    "no matter if it is right; timedatectl status says more");
        }
        return Finding.ok("clock", asks ? "set by a time server" : "plausible");
    }

    /**
     * Room for pictures and models.
     *
     * @param bytes that are free
     * @param folder in which
     */
    public static Finding disk(long bytes, Path folder) {
        String found = bytes / MEGABYTE + " MB free in " + folder;
        String advice = "make room: sudo apt clean, 'fieldfare models list' for old versions, a larger card";
        if (bytes < 100 * MEGABYTE) {
            return Finding.fail("disk", found, advice);
        }
        return bytes < 500 * MEGABYTE ? Finding.warn("disk", found, advice) : Finding.ok("disk", found);
    }
}

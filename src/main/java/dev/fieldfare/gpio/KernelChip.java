package dev.fieldfare.gpio;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.DeviceFile;
import dev.fieldfare.kernel.Errno;
import dev.fieldfare.kernel.Holders;
import dev.fieldfare.kernel.KernelException;
import dev.fieldfare.kernel.Struct;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The chip of the header, by the kernel's character device, version 2 (Linux 5.10 and newer). */
final class KernelChip implements Chip {
    private static final Path DEVICES = Path.of("/dev");

    /** Of the Pi 4; of the Pi 5; of the Zero, Zero 2 W, 1, 2 and 3. Their lines are numbered as the pins are. */
    private static final Set<String> HEADERS = Set.of("pinctrl-bcm2711", "pinctrl-rp1", "pinctrl-bcm2835");

    private final Path path;
    private final DeviceFile file;
    private final Map<Pin, Integer> offsets;
    private final Consumer<RuntimeException> failures;

    private KernelChip(Path path, DeviceFile file, Map<Pin, Integer> offsets, Consumer<RuntimeException> failures) {
        this.path = path;
        this.file = file;
        this.offsets = offsets;
        this.failures = failures;
    }

    /**
     * Finds the chip of the header: by its label, else the first whose lines are named as the header's pins are.
     *
     * @param failures told when a line can no longer be watched
     * @throws FieldfareException if there is none, or this user may not open it
     */
    static KernelChip open(Consumer<RuntimeException> failures) {
        List<String> others = new ArrayList<>();
        for (Path path : nodes()) {
            try {
                Optional<KernelChip> chip = tryOpen(path, failures, others);
                if (chip.isPresent()) {
                    return chip.get();
                }
            } catch (KernelException e) {
                throw failure(path, "opening it", e);
            }
        }
        throw new FieldfareException("this machine has no header with pins GPIO2 to GPIO27"
                + (others.isEmpty() ? "" : " (there is " + String.join(", ", others) + ")")
                + "; to try without one, use the simulated board");
    }

    private static List<Path> nodes() {
        List<Path> nodes = new ArrayList<>();
        if (!Files.isDirectory(DEVICES)) {
            return nodes;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(DEVICES, "gpiochip[0-9]*")) {
            for (Path file : files) {
                if (!Files.isSymbolicLink(file)) { // Raspberry Pi OS links the header's chip under a second name
                    nodes.add(file);
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot look for GPIO chips in " + DEVICES + ": " + e.getMessage(), e);
        }
        nodes.sort(null);
        return nodes;
    }

    private static Optional<KernelChip> tryOpen(Path path, Consumer<RuntimeException> failures, List<String> others)
            throws KernelException {
        DeviceFile file = DeviceFile.open(path);
        try (Arena arena = Arena.ofConfined()) {
            Struct info = GpioAbi.CHIP_INFO.allocate(arena);
            file.ask(GpioAbi.GET_CHIPINFO, info);
            Map<Pin, Integer> offsets =
                    HEADERS.contains(info.text("label")) ? numbered(info.get("lines")) : named(file, info.get("lines"));
            if (!offsets.isEmpty()) {
                return Optional.of(new KernelChip(path, file, offsets, failures));
            }
            others.add(path + " '" + info.text("label") + "'");
            file.close();
            return Optional.empty();
        } catch (RuntimeException | KernelException e) {
            file.close();
            throw e;
        }
    }

    private static Map<Pin, Integer> numbered(int lines) {
        Map<Pin, Integer> offsets = new HashMap<>();
        for (int number = 2; number <= 27 && number < lines; number++) {
            offsets.put(new Pin(number), number);
        }
        return offsets;
    }

    private static Map<Pin, Integer> named(DeviceFile file, int lines) throws KernelException {
        Map<Pin, Integer> offsets = new HashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            Struct line = GpioAbi.LINE_INFO.allocate(arena);
            for (int offset = 0; offset < lines; offset++) {
                file.ask(GpioAbi.GET_LINEINFO, line.clear().set("offset", offset));
                String name = line.text("name");
                for (int number = 2; number <= 27; number++) {
                    if (name.equals("GPIO" + number)) {
                        offsets.put(new Pin(number), offset);
                    }
                }
            }
        }
        return offsets;
    }

    @Override
    public Line input(Pin pin, Pull pull, Duration debounce, Listener listener) {
        long flags = GpioAbi.FLAG_INPUT
                | GpioAbi.FLAG_EDGE_RISING
                | GpioAbi.FLAG_EDGE_FALLING
                | switch (pull) {
                    case UP -> GpioAbi.FLAG_BIAS_PULL_UP;
                    case DOWN -> GpioAbi.FLAG_BIAS_PULL_DOWN;
                    case NONE -> GpioAbi.FLAG_BIAS_DISABLED;
                };
        DeviceFile line = debounce.isZero()
                ? request(pin, flags, 0, 0)
                : request(pin, flags, GpioAbi.ATTR_ID_DEBOUNCE, debounce.toNanos() / 1000);
        KernelLine opened = new KernelLine(pin, line);
        opened.watch(listener, failures);
        return opened;
    }

    @Override
    public Line output(Pin pin, boolean high) {
        return new KernelLine(pin, request(pin, GpioAbi.FLAG_OUTPUT, GpioAbi.ATTR_ID_OUTPUT_VALUES, high ? 1 : 0));
    }

    private DeviceFile request(Pin pin, long flags, int attribute, long value) {
        Integer offset = offsets.get(pin);
        if (offset == null) {
            throw new FieldfareException(pin + " is not on the header of this board (" + path + ")");
        }
        try (Arena arena = Arena.ofConfined()) {
            Struct request = GpioAbi.LINE_REQUEST
                    .allocate(arena)
                    .set("offsets[0]", offset)
                    .set("num_lines", 1)
                    .setText("consumer", "fieldfare")
                    .setLong("config.flags", flags);
            if (attribute != 0) {
                request.set("config.num_attrs", 1)
                        .set("config.attrs[0].attr.id", attribute)
                        .setLong("config.attrs[0].attr.values", value)
                        .setLong("config.attrs[0].mask", 1);
            }
            file.ask(GpioAbi.GET_LINE, request);
            return DeviceFile.of(request.get("fd"));
        } catch (KernelException e) {
            if (e.errno() == Errno.EBUSY) {
                throw new FieldfareException(
                        pin + " (place " + pin.place() + " of the header) is in use by " + consumer(offset)
                                + "; use another pin, or end what uses it",
                        e);
            }
            throw failure(path, "asking for " + pin, e);
        }
    }

    private String consumer(int offset) {
        try (Arena arena = Arena.ofConfined()) {
            Struct info = GpioAbi.LINE_INFO.allocate(arena).set("offset", offset);
            file.ask(GpioAbi.GET_LINEINFO, info);
            return "'" + info.text("consumer") + "'" + Holders.of(path);
        } catch (KernelException e) {
            return "another program"; // it gave the pin back meanwhile, or the kernel does not tell
        }
    }

    static FieldfareException failure(Path path, String doing, KernelException e) {
        String why = switch (e.errno()) {
            case EACCES, EPERM ->
                "this user may not use it. Pins belong to the group gpio: sudo usermod -aG gpio "
                        + System.getProperty("user.name", "USER")
                        + ", then log out and in again (or restart the service)";
            case ENOTTY, EINVAL ->
                doing + " is refused (" + e.getMessage() + "). Linux 5.10 or newer is needed: sudo apt full-upgrade";
            default -> doing + " failed: " + e.getMessage();
        };
        return new FieldfareException("GPIO " + path + ": " + why, e);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (KernelException e) {
            throw failure(path, "closing it", e);
        }
    }
}

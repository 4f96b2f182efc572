package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The cameras that the kernel has. */
public final class V4l2Cameras {
    private static final Path DEVICES = Path.of("/dev");

    /** Parts of the Pi's own camera and codec hardware, which call themselves cameras and are of no use alone. */
    private static final Set<String> PARTS = Set.of(
            "unicam", "bcm2835-isp", "bcm2835-codec", "rp1-cfe", "pispbe", "rpi-hevc-dec", "rpivid", "bcm2835 mmal");

    private V4l2Cameras() {}

    /**
     * A camera.
     *
     * @param path its device file
     * @param card its name
     * @param bus where it is plugged in
     * @param problem why it cannot be used; empty where it can
     */
    public record Found(Path path, String card, String bus, String problem) {
        public boolean usable() {
            return problem.isEmpty();
        }
    }

    /** All nodes that capture pictures, and those that cannot be asked; those on USB first, then by number. */
    public static List<Found> list() {
        List<Found> found = new ArrayList<>();
        for (Path path : nodes()) {
            try (V4l2Device device = new V4l2Device(path)) {
                if (PARTS.contains(device.driver())) {
                    continue;
                }
                boolean understood = !device.modes(640, 480, 15).isEmpty();
                found.add(new Found(
                        path, device.card(), device.bus(), understood ? "" : "sends no format that Fieldfare reads"));
            } catch (FieldfareException e) {
                if (e.getCause() != null) { // refused; without a cause it is just no camera
                    found.add(new Found(path, "", "", e.getMessage()));
                }
            }
        }
        found.sort(Comparator.comparing(
                (Found camera) -> !camera.bus().toLowerCase(Locale.ROOT).startsWith("usb")));
        return found;
    }

    private static List<Path> nodes() {
        List<Path> nodes = new ArrayList<>();
        if (!Files.isDirectory(DEVICES)) {
            return nodes;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(DEVICES, "video[0-9]*")) {
            files.forEach(nodes::add);
        } catch (IOException e) {
            throw new FieldfareException("cannot look for cameras in " + DEVICES + ": " + e.getMessage(), e);
        }
        nodes.sort(Comparator.comparingInt(V4l2Cameras::number));
        return nodes;
    }

    private static int number(Path node) {
        return Integer.parseInt(node.getFileName().toString().replaceAll("\\D", ""));
    }

    /** @param source {@code usb}, {@code usb:PART OF A NAME}, or a path */
    static Path find(String source) {
        if (source.startsWith("/")) {
            return Path.of(source);
        }
        String part = source.replaceFirst("^usb:?", "").toLowerCase(Locale.ROOT);
        List<Found> all = list();
        return all.stream()
                .filter(Found::usable)
                .filter(camera -> (camera.card() + " " + camera.bus())
                        .toLowerCase(Locale.ROOT)
                        .contains(part))
                .findFirst()
                .map(Found::path)
                .orElseThrow(() -> new FieldfareException(missing(source, all)));
    }

    private static String missing(String source, List<Found> all) {
        String there = all.stream()
                .map(camera -> camera.path() + " "
                        + (camera.usable()
                                ? "'" + camera.card() + "' on " + camera.bus()
                                : "(" + camera.problem() + ")"))
                .reduce((one, other) -> one + "; " + other)
                .map(list -> "There is " + list)
                .orElse("There is none at all: is it plugged in, and does 'lsusb' list it? The Pi's own camera is the"
                        + " source pi");
        return "no camera for the source '" + source + "'. " + there;
    }
}

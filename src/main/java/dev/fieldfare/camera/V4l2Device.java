package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.DeviceFile;
import dev.fieldfare.kernel.Errno;
import dev.fieldfare.kernel.Ioctl;
import dev.fieldfare.kernel.KernelException;
import dev.fieldfare.kernel.Struct;
import dev.fieldfare.kernel.StructType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An open V4L2 device that captures pictures: what it is, what it can send, and what it shall send. */
final class V4l2Device implements AutoCloseable {
    private static final int MAX_ENTRIES = 1000; // of any list; a driver that never ends one is broken

    private final Path path;
    private final DeviceFile file;
    private final String driver;
    private final String card;
    private final String bus;

    /** What was agreed on. */
    record Format(
            V4l2Encoding encoding,
            int width,
            int height,
            int stride,
            long bytes,
            int colorspace,
            int encodingOfColours,
            int quantization) {}

    /** @throws FieldfareException if it cannot be opened or does not capture pictures */
    V4l2Device(Path path) {
        this.path = path;
        try {
            this.file = DeviceFile.open(path);
        } catch (KernelException e) {
            throw V4l2Failures.of(path, "opening it", e);
        }
        try (Arena arena = Arena.ofConfined()) {
            Struct capability = V4l2Abi.CAPABILITY.allocate(arena);
            ask(V4l2Abi.QUERYCAP, capability, "asking what it is");
            this.driver = capability.text("driver");
            this.card = capability.text("card");
            this.bus = capability.text("bus_info");
            int all = capability.get("capabilities");
            // A camera's second node carries metadata; only device_caps speaks of this node alone.
            int able = (all & V4l2Abi.CAP_DEVICE_CAPS) != 0 ? capability.get("device_caps") : all;
            int needed = V4l2Abi.CAP_VIDEO_CAPTURE | V4l2Abi.CAP_STREAMING;
            if ((able & needed) != needed) {
                throw new FieldfareException("camera " + path + ": this node of '" + card
                        + "' does not capture pictures. A camera often has several: write 'usb'"
                        + " instead, and the right one is taken");
            }
        } catch (RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(RuntimeException e) {
        try {
            file.close();
        } catch (KernelException second) {
            e.addSuppressed(second);
        }
    }

    Path path() {
        return path;
    }

    DeviceFile file() {
        return file;
    }

    String driver() {
        return driver;
    }

    /** The camera's name for people. */
    String card() {
        return card;
    }

    /** Where it is plugged in; the same as long as it stays in that port. */
    String bus() {
        return bus;
    }

    void ask(Ioctl request, Struct argument, String doing) {
        try {
            file.ask(request, argument);
        } catch (KernelException e) {
            throw V4l2Failures.of(path, doing, e);
        }
    }

    /** Whether the device knows the request and likes the argument; the end of a list is where it does not. */
    boolean answers(Ioctl request, Struct argument, String doing) {
        try {
            file.ask(request, argument);
            return true;
        } catch (KernelException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENOTTY) {
                return false;
            }
            throw V4l2Failures.of(path, doing, e);
        }
    }

    /**
     * Everything that it can send in an encoding we know; of a range of sizes or rates, the ones nearest to what is
     * wanted.
     */
    List<V4l2Mode> modes(int width, int height, double framesPerSecond) {
        List<V4l2Mode> modes = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            for (Struct format : entries(arena, V4l2Abi.FMTDESC, V4l2Abi.ENUM_FMT, V4l2Device::ofCapture)) {
                V4l2Encoding.of(format.get("pixelformat"))
                        .ifPresent(encoding -> addSizes(encoding, width, height, framesPerSecond, modes));
            }
        }
        return modes;
    }

    private static void ofCapture(Struct struct) {
        struct.set("type", V4l2Abi.BUF_TYPE_VIDEO_CAPTURE);
    }

    private void addSizes(V4l2Encoding encoding, int width, int height, double rate, List<V4l2Mode> modes) {
        try (Arena arena = Arena.ofConfined()) {
            List<Struct> sizes = entries(
                    arena,
                    V4l2Abi.FRMSIZEENUM,
                    V4l2Abi.ENUM_FRAMESIZES,
                    size -> size.set("pixel_format", encoding.code()));
            for (Struct size : sizes) {
                boolean discrete = size.get("type") == V4l2Abi.TYPE_DISCRETE;
                int w = discrete ? size.get("stepwise.min_width") : nearest(size, "width", width);
                int h = discrete ? size.get("stepwise.max_width") : nearest(size, "height", height);
                for (double possible : rates(arena, encoding, w, h, rate)) {
                    modes.add(new V4l2Mode(encoding, w, h, possible));
                }
            }
            if (sizes.isEmpty()) { // the driver does not tell; it will take what is nearest
                modes.add(new V4l2Mode(encoding, width, height, Double.POSITIVE_INFINITY));
            }
        }
    }

    /** The value of a stepwise range that is nearest to the wanted one. */
    private static int nearest(Struct range, String side, int wanted) {
        int least = range.get("stepwise.min_" + side);
        int most = range.get("stepwise.max_" + side);
        int step = Math.max(1, range.get("stepwise.step_" + side));
        int steps = Math.round((float) (Math.clamp(wanted, least, most) - least) / step);
        return least + Math.min(steps, (most - least) / step) * step;
    }

    private List<Double> rates(Arena arena, V4l2Encoding encoding, int width, int height, double wanted) {
        List<Double> rates = new ArrayList<>();
        List<Struct> intervals = entries(
                arena,
                V4l2Abi.FRMIVALENUM,
                V4l2Abi.ENUM_FRAMEINTERVALS,
                interval -> interval.set("pixel_format", encoding.code())
                        .set("width", width)
                        .set("height", height));
        for (Struct interval : intervals) {
            double fastest = rate(interval, "stepwise.min.");
            double slowest = rate(interval, "stepwise.max.");
            boolean discrete = interval.get("type") == V4l2Abi.TYPE_DISCRETE;
            rates.add(discrete ? fastest : Math.clamp(wanted, slowest, fastest));
        }
        return rates.isEmpty() ? List.of(Double.POSITIVE_INFINITY) : rates;
    }

    private static double rate(Struct interval, String which) {
        return (double) interval.getUnsigned(which + "denominator")
                / Math.max(1, interval.getUnsigned(which + "numerator"));
    }

    /** What names the list that is asked for. */
    private interface Question {
        void put(Struct struct);
    }

    private List<Struct> entries(Arena arena, StructType type, Ioctl request, Question question) {
        List<Struct> entries = new ArrayList<>();
        while (entries.size() < MAX_ENTRIES) {
            Struct entry = type.allocate(arena).set("index", entries.size());
            question.put(entry);
            if (!answers(request, entry, "listing what it can send")) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    /** Asks for a mode; the driver may change all but the encoding. */
    Format agree(V4l2Mode mode) {
        try (Arena arena = Arena.ofConfined()) {
            Struct format = V4l2Abi.FORMAT
                    .allocate(arena)
                    .set("type", V4l2Abi.BUF_TYPE_VIDEO_CAPTURE)
                    .set("fmt.pix.width", mode.width())
                    .set("fmt.pix.height", mode.height())
                    .set("fmt.pix.pixelformat", mode.encoding().code())
                    .set("fmt.pix.field", V4l2Abi.FIELD_NONE);
            ask(V4l2Abi.S_FMT, format, "asking for " + mode);
            if (format.get("fmt.pix.pixelformat") != mode.encoding().code()) {
                throw new FieldfareException("camera " + path + " ('" + card + "', driver " + driver + ") offers "
                        + mode + ", but does not send it; ask for another size");
            }
            if (!Double.isInfinite(mode.framesPerSecond())) {
                setRate(arena, mode.framesPerSecond());
            }
            return new Format(
                    mode.encoding(),
                    format.get("fmt.pix.width"),
                    format.get("fmt.pix.height"),
                    format.get("fmt.pix.bytesperline"),
                    format.getUnsigned("fmt.pix.sizeimage"),
                    format.get("fmt.pix.colorspace"),
                    format.get("fmt.pix.ycbcr_enc"),
                    format.get("fmt.pix.quantization"));
        }
    }

    private void setRate(Arena arena, double framesPerSecond) {
        Struct parameters = V4l2Abi.STREAMPARM.allocate(arena).set("type", V4l2Abi.BUF_TYPE_VIDEO_CAPTURE);
        if (!answers(V4l2Abi.G_PARM, parameters, "asking for its frame rate")
                || (parameters.get("parm.capture.capability") & V4l2Abi.CAP_TIMEPERFRAME) == 0) {
            return;
        }
        int perThousandSeconds = (int) Math.round(framesPerSecond * 1000);
        parameters
                .set("parm.capture.timeperframe.numerator", 1000)
                .set("parm.capture.timeperframe.denominator", Math.max(1, perThousandSeconds));
        ask(V4l2Abi.S_PARM, parameters, "setting its frame rate");
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (KernelException e) {
            throw V4l2Failures.of(path, "closing it", e);
        }
    }
}

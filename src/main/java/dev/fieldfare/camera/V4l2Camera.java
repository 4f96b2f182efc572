package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.kernel.DeviceFile;
import dev.fieldfare.kernel.KernelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A USB camera, or any other for which the kernel has a V4L2 driver, read without a library and without a child
 * process. Gives the newest frame; those in between are thrown away by the kernel's own four buffers. Nothing is
 * allocated for a frame of an uncompressed format; a Motion JPEG frame is decoded.
 */
public final class V4l2Camera implements FrameSource {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** Frames that came damaged, one after the other; more, and it is not chance. */
    private static final int MAX_DAMAGED = 60;

    private final String name;
    private final V4l2Device device;
    private final V4l2Controls controls;
    private final V4l2Mode mode;
    private final V4l2Device.Format format;
    private final V4l2Buffers kernelBuffers;
    private final MotionJpegFrames compressed;
    /** Null where frames are compressed. */
    private final @Nullable FrameBuffers lent;

    private final DeviceFile.Alarm alarm;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens a camera and starts it.
     *
     * @param settings whose source is {@code usb} for the first camera that is found, {@code usb:NAME} for one whose
     *     name or place on the bus contains that, or a device file
     * @throws FieldfareException if there is none, it is in use, may not be opened, or sends nothing that is understood
     */
    public V4l2Camera(CameraSettings settings) {
        this(settings, EnumSet.allOf(V4l2Encoding.class));
    }

    /** @param encodings what it may send */
    V4l2Camera(CameraSettings settings, Set<V4l2Encoding> encodings) {
        this.device = new V4l2Device(V4l2Cameras.find(settings.source()));
        this.name = device.card();
        // Closed in reverse order, should one of them fail.
        DeviceFile.@Nullable Alarm opened = null;
        try {
            this.controls = new V4l2Controls(device);
            List<V4l2Mode> modes =
                    device.modes(settings.width(), settings.height(), settings.framesPerSecond()).stream()
                            .filter(possible -> encodings.contains(possible.encoding()))
                            .toList();
            this.mode = V4l2Mode.choose(modes, settings.width(), settings.height(), settings.framesPerSecond())
                    .orElseThrow(() -> new FieldfareException("camera " + device.path() + " ('" + name
                            + "') sends none of " + encodings
                            + "; 'v4l2-ctl --list-formats -d " + device.path() + "' shows what it sends"));
            this.format = device.agree(mode);
            controls.set(settings.controls());
            this.compressed =
                    new MotionJpegFrames(name, Math.min(settings.width(), settings.height()), settings.rotate());
            this.lent = lentBuffers(device.path(), name, format, settings.rotate());
            this.patience = slower(PATIENCE, mode.framesPerSecond());
            opened = newAlarm(device.path());
            this.alarm = opened;
            this.kernelBuffers = new V4l2Buffers(device);
        } catch (RuntimeException e) {
            if (opened != null) {
                closeAfter(opened, e);
            }
            closeAfter(device, e);
            throw e;
        }
    }

    private static @Nullable FrameBuffers lentBuffers(Path path, String name, V4l2Device.Format format, int rotate) {
        PixelFormat pixels = format.encoding().pixels();
        if (pixels == null) {
            return null;
        }
        int stride = Math.max(format.stride(), pixels.rowBytes(format.width()));
        if (pixels.frameBytes(format.height(), stride) > format.bytes()) {
            throw new FieldfareException("camera " + path + " ('" + name + "') announces frames of " + format.bytes()
                    + " bytes, which is too little for " + format.width() + " x " + format.height() + " pixels in "
                    + format.encoding() + "; ask for another size");
        }
        return new FrameBuffers(name, pixels, V4l2Colours.of(format), format.width(), format.height(), stride, rotate);
    }

    /** A camera of one frame in five seconds is not late after two. */
    private static Duration slower(Duration patience, double framesPerSecond) {
        Duration three = Duration.ofMillis((long) (3000 / framesPerSecond));
        return three.compareTo(patience) > 0 ? three : patience;
    }

    private static DeviceFile.Alarm newAlarm(Path path) {
        try {
            return new DeviceFile.Alarm();
        } catch (KernelException e) {
            throw V4l2Failures.of(path, "preparing to wait for it", e);
        }
    }

    private static void closeAfter(AutoCloseable closeable, RuntimeException e) {
        try {
            closeable.close();
        } catch (Exception second) {
            e.addSuppressed(second);
        }
    }

    /** What can be set about it. */
    public List<V4l2Control> controls() {
        return controls.list();
    }

    /** The present value of a control, a menu's as the number of its item. */
    public int control(String name) {
        lock.lock();
        try {
            return controls.get(name);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets controls: switches and menus before numbers, since an automatic has to be off before what it sets can be set.
     *
     * @param wanted name to value: a number, {@code on} or {@code off}, a menu's item, or {@code press}
     * @throws FieldfareException for an unknown name, with those that exist; for a value out of range, with the range
     */
    public void set(Map<String, String> wanted) {
        lock.lock();
        try {
            controls.set(wanted);
        } finally {
            lock.unlock();
        }
    }

    /** What it sends, for people: {@code "'HD Webcam' (/dev/video0): YUYV 640 x 480 at 30.0/s"}. */
    public String describe() {
        return "'" + name + "' (" + device.path() + "): "
                + new V4l2Mode(mode.encoding(), format.width(), format.height(), mode.framesPerSecond());
    }

    @Override
    public Optional<Frame> next() {
        lock.lock();
        try {
            for (int damaged = 0; damaged < MAX_DAMAGED; damaged++) {
                if (closed.get() || !ready()) {
                    return Optional.empty();
                }
                Optional<Frame> frame = newest();
                if (frame.isPresent()) {
                    return frame;
                }
            }
            FieldfareException cause = compressed.damage();
            String message = "camera " + device.path() + " ('" + name + "') sent " + MAX_DAMAGED
                    + " damaged frames one after the other; try another cable or port, or a smaller size";
            throw cause == null ? new FieldfareException(message) : new FieldfareException(message, cause);
        } finally {
            lock.unlock();
        }
    }

    /** Waits; false when somebody closes meanwhile. */
    private boolean ready() {
        DeviceFile.Wake wake;
        try {
            wake = device.file().await(alarm, patience);
        } catch (KernelException e) {
            throw V4l2Failures.of(device.path(), "waiting for a frame", e);
        }
        return switch (wake) {
            case READY -> true;
            case ALARM -> false;
            case TIMEOUT ->
                throw new FieldfareException("camera " + device.path() + " ('" + name + "') sent no frame for "
                        + patience.toSeconds()
                        + " seconds; it hangs, or its cable or power fails. Unplug it and plug it in"
                        + " again");
            case TROUBLE -> {
                // The kernel says what happened only when asked for a frame.
                V4l2Buffers.Filled filled = kernelBuffers.take();
                if (filled == null) {
                    throw new FieldfareException("camera " + device.path() + " ('" + name
                            + "') reports an error and sends no more; unplug it and plug it in again");
                }
                kernelBuffers.giveBack(filled.index());
                yield true;
            }
        };
    }

    /** The newest of what is there, copied; empty where that is nothing, or damaged. */
    private Optional<Frame> newest() {
        V4l2Buffers.Filled newest = null;
        for (V4l2Buffers.Filled next = kernelBuffers.take(); next != null; next = kernelBuffers.take()) {
            if (newest != null) {
                kernelBuffers.giveBack(newest.index());
            }
            newest = next;
        }
        if (newest == null) {
            return Optional.empty();
        }
        boolean copied;
        try {
            copied = newest.whole() && copy(newest);
        } finally {
            kernelBuffers.giveBack(newest.index());
        }
        if (!copied) {
            return Optional.empty();
        }
        return lent == null ? compressed.decode() : Optional.of(lent.lend());
    }

    private boolean copy(V4l2Buffers.Filled filled) {
        if (lent == null) {
            kernelBuffers.copy(filled, filled.length(), compressed.next(filled.length()));
            return true;
        }
        byte[] to = lent.next();
        // A frame that lost a part on the bus is shorter.
        if (filled.length() < to.length || kernelBuffers.capacity(filled) < to.length) {
            return false;
        }
        kernelBuffers.copy(filled, to.length, to);
        return true;
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            alarm.ring();
        } catch (KernelException e) {
            throw V4l2Failures.of(device.path(), "ending a wait for it", e);
        }
        lock.lock();
        try (device;
                kernelBuffers) {
            alarm.close();
        } catch (KernelException e) {
            throw V4l2Failures.of(device.path(), "closing it", e);
        } finally {
            lock.unlock();
        }
    }
}

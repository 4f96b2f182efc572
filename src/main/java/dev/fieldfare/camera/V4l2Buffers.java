package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.DeviceFile;
import dev.fieldfare.kernel.Errno;
import dev.fieldfare.kernel.KernelException;
import dev.fieldfare.kernel.Struct;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The memory into which the kernel writes a camera's frames, while they stream. */
final class V4l2Buffers implements AutoCloseable {
    /** One that is written, one that is ready, one that is copied, and one so that none of them waits. */
    private static final int COUNT = 4;

    private final V4l2Device device;
    private final Arena arena = Arena.ofShared();
    private final Struct buffer = V4l2Abi.BUFFER.allocate(arena);
    private final List<DeviceFile.Mapping> mappings = new ArrayList<>();
    private boolean streaming;

    /**
     * A frame that the kernel lends us until {@link #giveBack}.
     *
     * @param length bytes
     * @param whole not marked as damaged
     */
    record Filled(int index, int length, boolean whole) {}

    /** Asks for buffers, gives them all to the camera, and starts it. */
    V4l2Buffers(V4l2Device device) {
        this.device = device;
        try {
            int count = request();
            for (int i = 0; i < count; i++) {
                blank().set("index", i);
                device.ask(V4l2Abi.QUERYBUF, buffer, "asking for its buffers");
                mappings.add(map());
                giveBack(i);
            }
            stream(true);
        } catch (RuntimeException e) {
            try {
                close();
            } catch (FieldfareException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** How many the driver gives. */
    private int request() {
        try (Arena once = Arena.ofConfined()) {
            Struct request = V4l2Abi.REQUESTBUFFERS
                    .allocate(once)
                    .set("count", COUNT)
                    .set("type", V4l2Abi.BUF_TYPE_VIDEO_CAPTURE)
                    .set("memory", V4l2Abi.MEMORY_MMAP);
            device.ask(V4l2Abi.REQBUFS, request, "asking for buffers");
            return request.get("count");
        }
    }

    private DeviceFile.Mapping map() {
        try {
            return device.file().map(buffer.getUnsigned("length"), buffer.getUnsigned("m.offset"));
        } catch (KernelException e) {
            throw V4l2Failures.of(device.path(), "mapping its buffers", e);
        }
    }

    private void stream(boolean on) {
        try {
            device.file().ask(on ? V4l2Abi.STREAMON : V4l2Abi.STREAMOFF, V4l2Abi.BUF_TYPE_VIDEO_CAPTURE);
            streaming = on;
        } catch (KernelException e) {
            throw V4l2Failures.of(device.path(), on ? "starting it" : "stopping it", e);
        }
    }

    /** The oldest frame that is ready; null when none is. */
    @Nullable
    Filled take() {
        try {
            device.file().ask(V4l2Abi.DQBUF, blank());
        } catch (KernelException e) {
            if (e.errno() == Errno.EAGAIN) {
                return null;
            }
            throw V4l2Failures.of(device.path(), "taking a frame", e);
        }
        boolean whole = (buffer.get("flags") & V4l2Abi.BUF_FLAG_ERROR) == 0;
        return new Filled(buffer.get("index"), buffer.get("bytesused"), whole);
    }

    /** Copies the first bytes of a frame. */
    void copy(Filled filled, int length, byte[] to) {
        mappings.get(filled.index()).copy(length, to);
    }

    long capacity(Filled filled) {
        return mappings.get(filled.index()).size();
    }

    /** Lets the camera write into it again. */
    void giveBack(int index) {
        blank().set("index", index);
        device.ask(V4l2Abi.QBUF, buffer, "giving a buffer back");
    }

    private Struct blank() {
        return buffer.clear().set("type", V4l2Abi.BUF_TYPE_VIDEO_CAPTURE).set("memory", V4l2Abi.MEMORY_MMAP);
    }

    /** Stops the camera and frees the memory, all of it also where the camera is gone. */
    @Override
    public void close() {
        FieldfareException first = null;
        if (streaming) {
            try {
                stream(false);
            } catch (FieldfareException e) {
                first = gone(e) ? null : e;
            }
            streaming = false;
        }
        for (DeviceFile.Mapping mapping : mappings) {
            try {
                mapping.close();
            } catch (KernelException e) {
                first = first == null ? V4l2Failures.of(device.path(), "freeing its buffers", e) : first;
            }
        }
        mappings.clear();
        arena.close();
        if (first != null) {
            throw first;
        }
    }

    /** A camera that was unplugged needs no stopping. */
    private static boolean gone(FieldfareException e) {
        return e.getCause() instanceof KernelException kernel && kernel.errno() == Errno.ENODEV;
    }
}

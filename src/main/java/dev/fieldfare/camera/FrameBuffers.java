package dev.fieldfare.camera;

import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.image.YuvColours;
import dev.fieldfare.image.YuvPixels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a camera whose frames are all alike: one to write into, and {@link FrameSource#LENT} on loan. Nothing
 * is allocated for a frame but a few words. Used by one thread at a time; frames may be given back by any.
 */
final class FrameBuffers {
    private final String name;
    private final List<Buffer> buffers = new ArrayList<>();
    private @Nullable Buffer written;

    /** Bytes of a frame, and what they show. */
    private record Buffer(YuvPixels pixels, Pixels turned, AtomicBoolean free) {}

    /**
     * @param name of the frames
     * @param stride bytes of a row, see {@link PixelFormat#frameBytes}
     * @param degrees by which frames are turned clockwise before anybody sees them: 0, 90, 180 or 270
     */
    FrameBuffers(String name, PixelFormat format, YuvColours colours, int width, int height, int stride, int degrees) {
        this.name = name;
        for (int i = 0; i <= FrameSource.LENT; i++) {
            byte[] bytes = new byte[format.frameBytes(height, stride)];
            YuvPixels pixels = new YuvPixels(format, colours, width, height, stride, bytes);
            buffers.add(new Buffer(pixels, pixels.turned(degrees), new AtomicBoolean(true)));
        }
    }

    /**
     * The bytes to write the next frame into; the same ones until they are lent.
     *
     * @throws IllegalStateException if all are on loan
     */
    byte[] next() {
        if (written == null) {
            written = free();
        }
        return written.pixels().bytes();
    }

    /** Lends the frame that was written into {@link #next}. */
    Frame lend() {
        if (written == null) {
            throw new IllegalStateException(name + ": no frame was written");
        }
        Buffer buffer = written;
        written = null;
        buffer.free().set(false);
        return new Loan(name, buffer);
    }

    private Buffer free() {
        for (Buffer buffer : buffers) {
            if (buffer.free().get()) {
                return buffer;
            }
        }
        throw new IllegalStateException(name + ": all frames are on loan; close one before the next is taken");
    }

    /** Knows whether it was given back: its buffer may be on loan to another by then. */
    private static final class Loan implements Frame {
        private final String name;
        private final Buffer buffer;
        private final AtomicBoolean lent = new AtomicBoolean(true);

        Loan(String name, Buffer buffer) {
            this.name = name;
            this.buffer = buffer;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Pixels pixels() {
            return buffer.turned();
        }

        @Override
        public void close() {
            if (lent.getAndSet(false)) {
                buffer.free().set(true);
            }
        }
    }
}

package dev.fieldfare.camera;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Frames of one size, one after the other, with nothing in between. */
record I420Format(FrameBuffers buffers, int frameBytes) implements ChildCamera.Format {
    @Override
    public Frame read(InputStream output) throws IOException {
        if (output.readNBytes(buffers.next(), 0, frameBytes) < frameBytes) {
            throw new EOFException("no further frame");
        }
        return buffers.lend();
    }
}

package dev.fieldfare.camera;

import java.util.Optional;

/**
 * Where frames come from: a camera, a folder, a simulation. Used by one thread at a time, except that any thread may
 * close it; closing frees the device.
 */
public interface FrameSource extends AutoCloseable {
    /** How many frames may be on loan at once: the one that is looked at, and the newest, which is to be next. */
    int LENT = 2;

    /**
     * Waits for a frame newer than the one before.
     *
     * @return a frame, to be closed by the caller; empty when there will be no more, also because the source was closed
     *     meanwhile. Frames on loan stay readable then
     * @throws dev.fieldfare.FieldfareException if the camera fails; the message says which, what happened, what to do.
     *     It is to be closed then, and opened anew where that helps
     * @throws IllegalStateException if {@link #LENT} frames are on loan already
     */
    Optional<Frame> next();

    /** Stops and frees the device. A {@link #next} that waits ends within half a second. */
    @Override
    void close();
}

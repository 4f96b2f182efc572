package dev.fieldfare.camera;

import dev.fieldfare.image.Picture;
import java.util.Optional;

/** Where frames come from: a camera, a folder, a simulation. Used by one thread at a time; closing frees the device. */
public interface FrameSource extends AutoCloseable {
    /** The newest frame; empty when there will be no more. */
    Optional<Picture> next();

    @Override
    void close();
}

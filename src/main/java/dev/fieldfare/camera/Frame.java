package dev.fieldfare.camera;

import dev.fieldfare.image.Pixels;

/** A frame on loan from its source; closing gives its buffer back, which the source then writes a later frame into. */
public interface Frame extends AutoCloseable {
    /** Where it is from: the camera's name, or the picture's file. */
    String name();

    /** What it shows; not to be read any more once the frame is closed. */
    Pixels pixels();

    /** Gives the buffer back. From any thread; a second time does nothing. */
    @Override
    void close();

    /** A frame with pixels of its own, which closes to nothing. */
    static Frame of(String name, Pixels pixels) {
        return new Frame() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Pixels pixels() {
                return pixels;
            }

            @Override
            public void close() {
                // The pixels belong to nobody.
            }
        };
    }
}

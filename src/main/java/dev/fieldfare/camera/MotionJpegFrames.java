package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a camera that sends each as a JPEG. Unlike those of other formats, a frame is decoded into memory of its own.
 * For one thread.
 */
final class MotionJpegFrames {
    private final String name;
    private final int shortSide;
    private final int degrees;
    private byte[] compressed = new byte[0];
    private @Nullable FieldfareException damage;

    /**
     * @param name of the frames
     * @param shortSide pixels that are wanted of a frame's short side; much larger ones are thinned out
     * @param degrees by which frames are turned clockwise: 0, 90, 180 or 270
     */
    MotionJpegFrames(String name, int shortSide, int degrees) {
        this.name = name;
        this.shortSide = shortSide;
        this.degrees = degrees;
    }

    /** The bytes to write the next frame into, which are all of it. */
    byte[] next(int length) {
        if (compressed.length != length) {
            compressed = new byte[length];
        }
        return compressed;
    }

    /** The frame that was written; empty where it is damaged. */
    Optional<Frame> decode() {
        try {
            Picture picture = PictureReader.read(compressed, name, shortSide);
            return Optional.of(Frame.of(name, picture.turned(degrees)));
        } catch (FieldfareException e) {
            damage = e; // happens on a busy bus; only many of them are a failure
            return Optional.empty();
        }
    }

    /** What was wrong with the last frame that was damaged; null where none was. */
    @Nullable
    FieldfareException damage() {
        return damage;
    }
}

package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import java.nio.file.Path;

/**
 * Decodes pictures for threads that work at the same time, one after the other: what decoding takes is counted once in
 * the memory plan, and one large picture may fill the heap.
 */
final class OneAtATime {
    private OneAtATime() {}

    static synchronized Picture read(Path file, int wantedShortSide) {
        return PictureReader.read(file, wantedShortSide);
    }
}

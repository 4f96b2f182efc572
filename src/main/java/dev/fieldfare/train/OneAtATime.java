package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import java.nio.file.Path;

/**
 * Decodes all pictures of a run, one after the other, also for threads that work at the same time: what decoding takes is
 * counted once in the memory plan, and one large picture may fill the heap.
 */
final class OneAtATime {
    private OneAtATime() {}

    static synchronized Picture read(Path file, int wantedShortSide) {
        JavaHeap.settle();
        return PictureReader.read(file, wantedShortSide);
    }
}

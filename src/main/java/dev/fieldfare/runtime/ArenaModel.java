package dev.fieldfare.runtime;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A model of the arena from which ONNX Runtime allocates ({@code BFCArena}, best fit with coalescing, after TensorFlow's
 * allocator of that name), to know beforehand how much memory a run will touch. It takes regions from the system, each at
 * least twice the one before, cuts them into chunks of multiples of 256 bytes, and never gives them back. A free chunk
 * less than twice too large is handed out whole.
 */
final class ArenaModel {
    private static final long ALIGNMENT = 256;
    private static final long FIRST_REGION = 1 << 20;
    private static final long MAX_WASTE = 128L << 20;
    private static final int PAGE = 4096;

    /** For each 256 bytes of a region, the arena keeps the number of a chunk in a table, which it fills at once. */
    private static final long TABLE = ALIGNMENT / Long.BYTES;

    /** A piece of a region, in a list with its neighbours. */
    static final class Chunk {
        private final BitSet touched;
        private final int region;
        private final long start;
        private long size;
        private boolean free = true;
        private @Nullable Chunk before;
        private @Nullable Chunk after;

        private Chunk(BitSet touched, int region, long start, long size) {
            this.touched = touched;
            this.region = region;
            this.start = start;
            this.size = size;
        }
    }

    private final List<BitSet> regions = new ArrayList<>();
    private long regionBytes;
    /** The smallest first; of equal ones that at the lowest address, and the system places regions downwards. */
    private final TreeSet<Chunk> free = new TreeSet<>(Comparator.<Chunk>comparingLong(chunk -> chunk.size)
            .thenComparingInt(chunk -> -chunk.region)
            .thenComparingLong(chunk -> chunk.start));

    private long nextRegion = FIRST_REGION;

    /** Takes a chunk for so many bytes, and writes to all of them. */
    Chunk take(long bytes) {
        long size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        Chunk least = new Chunk(new BitSet(), Integer.MAX_VALUE, 0, size);
        Chunk chunk = free.ceiling(least);
        if (chunk == null) {
            chunk = extend(size);
        }
        free.remove(chunk);
        if (chunk.size >= 2 * size || chunk.size - size >= MAX_WASTE) {
            Chunk rest = new Chunk(chunk.touched, chunk.region, chunk.start + size, chunk.size - size);
            rest.before = chunk;
            rest.after = chunk.after;
            if (rest.after != null) {
                rest.after.before = rest;
            }
            chunk.after = rest;
            chunk.size = size;
            free.add(rest);
        }
        chunk.free = false;
        chunk.touched.set((int) (chunk.start / PAGE), (int) ((chunk.start + bytes + PAGE - 1) / PAGE));
        return chunk;
    }

    /** Gives a chunk back; it becomes one with free neighbours. */
    void give(Chunk chunk) {
        Chunk whole = chunk;
        whole.free = true;
        Chunk after = whole.after;
        if (after != null && after.free) {
            free.remove(after);
            absorb(whole, after);
        }
        Chunk before = whole.before;
        if (before != null && before.free) {
            free.remove(before);
            absorb(before, whole);
            whole = before;
        }
        free.add(whole);
    }

    private static void absorb(Chunk left, Chunk right) {
        left.size += right.size;
        left.after = right.after;
        if (left.after != null) {
            left.after.before = left;
        }
    }

    private Chunk extend(long size) {
        long bytes = nextRegion;
        while (bytes < size) {
            bytes *= 2;
        }
        // A region that had to be enlarged for the request is the measure of the next one, any other is doubled.
        nextRegion = bytes > nextRegion ? bytes : 2 * bytes;
        BitSet touched = new BitSet();
        Chunk chunk = new Chunk(touched, regions.size(), 0, bytes);
        regions.add(touched);
        regionBytes += bytes;
        free.add(chunk);
        return chunk;
    }

    /** Bytes of all the pages that were ever written to, the tables included. */
    long touched() {
        return regions.stream().mapToLong(BitSet::cardinality).sum() * PAGE + regionBytes / TABLE;
    }
}

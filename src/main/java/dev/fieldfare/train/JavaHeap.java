package dev.fieldfare.train;

/**
 * What a run takes of Java's heap. Weights and features lie outside of it, so that little in it lives; but what has
 * outlived a few collections of the young is left where it is until the heap is full, and an hour fills any heap. So the
 * plan counts what lives and what lies between two collections, and a run collects all where it is between two things.
 */
final class JavaHeap {
    private static final long MIB = 1 << 20;

    /** What lives, 6 to 8 MiB, what is young, and what grows old between two calls of {@link #settle}. */
    private static final long RUN_BYTES = 16 * MIB;

    /** A node of a training graph, while graphs are made. */
    private static final long NODE_BYTES = 1536;

    /** A picture's path, label and traces: 50,000 of them live on 15 MB. */
    private static final long PICTURE_BYTES = 400;

    /** Above that, more than lives. */
    private static final long SETTLED_BYTES = 12 * MIB;

    /** Who gives Java more than that has room for garbage. */
    private static final long LARGEST_HELD = 64 * MIB;

    private JavaHeap() {}

    /** Bytes that a run with so many pictures and nodes takes, never more than the JVM may. */
    static long planned(int pictures, long nodes) {
        long wanted = RUN_BYTES + PICTURE_BYTES * pictures + NODE_BYTES * nodes;
        return Math.min(Runtime.getRuntime().maxMemory(), wanted);
    }

    /** Collects all garbage of a small heap if there may be much: 20 to 70 ms. The launcher's options make the heap shrink with it. */
    static void settle() {
        Runtime runtime = Runtime.getRuntime();
        boolean held = runtime.maxMemory() <= LARGEST_HELD;
        if (held && runtime.totalMemory() - runtime.freeMemory() > SETTLED_BYTES) {
            System.gc();
        }
    }
}

package dev.fieldfare.train;

/**
 * What a run takes of Java's heap. Weights and features lie outside of it, so that little in it lives; but what has
 * outlived a few collections of the young is left where it is until the heap is full, and an hour fills any heap. So do
 * fifty pictures of a camera: each is larger than what the young that live have room for. So the plan counts what lives
 * and what lies between two collections, and a run collects all where it is between two things.
 */
final class JavaHeap {
    private static final long MIB = 1 << 20;

    /** What lives, 6 to 8 MiB, what is young, and what grows old between two collections of all. */
    private static final long RUN_BYTES = 15 * MIB;

    /** A node of a training graph, while graphs are made. */
    private static final long NODE_BYTES = 1536;

    /** A picture's path, label and traces: 50,000 of them live on 15 MB. */
    private static final long PICTURE_BYTES = 400;

    /** So much may grow old before it is collected. */
    private static final long GROWTH_BYTES = 2 * MIB;

    /** Who gives Java more than that has room for garbage. */
    private static final long LARGEST_HELD = 64 * MIB;

    /** What the heap had from the system when it was last collected. */
    private static long settled;

    private JavaHeap() {}

    /**
     * Bytes that a run with so many pictures and nodes takes, never more than the JVM may.
     *
     * @param decoding of it, what the largest picture takes while it is decoded
     */
    static long planned(int pictures, long nodes, long decoding) {
        long wanted = RUN_BYTES + PICTURE_BYTES * pictures + NODE_BYTES * nodes + decoding;
        return Math.min(Runtime.getRuntime().maxMemory(), wanted);
    }

    /**
     * Collects all garbage of a small heap if the heap has grown since that was last done: 20 to 70 ms. What a heap has
     * grown to is garbage for the most part, but in memory all the same. The launcher's options make the heap shrink with it.
     */
    static synchronized void settle() {
        Runtime runtime = Runtime.getRuntime();
        if (runtime.maxMemory() <= LARGEST_HELD && runtime.totalMemory() > settled + GROWTH_BYTES) {
            System.gc();
            settled = runtime.totalMemory();
        }
    }
}

package dev.fieldfare.noise;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Where the regions of fractional max pooling begin, along one axis. Graham ("Fractional max-pooling", arXiv 1412.6071,
 * section 2.1) writes increasing sequences a_0 to a_n whose increments are, for a ratio between 1 and 2, all one or two;
 * for larger ratios they are its two neighbouring whole numbers.
 */
final class IndexSequences {
    /** Resolution of the offset u: with so many steps, sequences are exact in whole numbers. */
    static final int STEPS = 1 << 24;

    private IndexSequences() {}

    /**
     * Graham's pseudo-random sequence a_i = ceil(alpha (i + u)), moved to begin at zero, as his do at one: its first
     * member is subtracted from all. Then every offset u gives a valid sequence.
     *
     * @param length where the sequence ends; alpha is this by the regions
     * @param step u in units of 1 / {@link #STEPS}
     * @return a_0 = 0 to a_regions = length
     */
    static int[] pseudorandom(int length, int regions, int step) {
        int[] sequence = new int[regions + 1];
        long first = ceiling(length, regions, step);
        for (int i = 0; i <= regions; i++) {
            sequence[i] = Math.toIntExact(ceiling(length, regions, (long) i * STEPS + step) - first);
        }
        return sequence;
    }

    private static long ceiling(int length, int regions, long position) {
        return Math.ceilDiv(length * position, (long) regions * STEPS);
    }

    /**
     * Graham's random sequence: as many of either increment as it takes to come to the end, in random order.
     *
     * @return a_0 = 0 to a_regions = length
     */
    static int[] random(int length, int regions, RandomGenerator random) {
        int low = length / regions;
        int larger = length - low * regions;
        int[] order = Noises.permutation(regions, random);
        int[] sequence = new int[regions + 1];
        for (int i = 0; i < regions; i++) {
            sequence[i + 1] = sequence[i] + low + (order[i] < larger ? 1 : 0);
        }
        return sequence;
    }

    /**
     * PyTorch's intervals for windows of a fixed size, in its float32 arithmetic: alpha = (size - window) / (regions - 1),
     * start i is int((i + u) alpha) - int(u alpha), and the last window ends where the input does.
     *
     * @param u at least 0, less than 1
     * @return the start of each region
     */
    static int[] intervals(int size, int regions, int window, float u) {
        int[] starts = new int[regions];
        float alpha = (float) (size - window) / (regions - 1);
        for (int i = 0; i < regions - 1; i++) {
            starts[i] = (int) ((i + u) * alpha) - (int) (u * alpha);
        }
        starts[regions - 1] = size - window;
        return starts;
    }

    /** The last index of each region that begins at a member of the sequence and ends before, or on, the next. */
    static int[] ends(int[] sequence, boolean overlapping) {
        int[] ends = Arrays.copyOfRange(sequence, 1, sequence.length);
        if (!overlapping) {
            Arrays.setAll(ends, i -> ends[i] - 1);
        }
        return ends;
    }
}

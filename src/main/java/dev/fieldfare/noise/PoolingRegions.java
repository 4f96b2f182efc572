package dev.fieldfare.noise;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The regions of fractional max pooling along one axis, rows or columns. {@code z} holds the indices that each region
 * reads: {@link #window()} lines of {@link #regions()} indices, first the first index of every region, then the second.
 * A region that is shorter than the window repeats its last index, which changes no maximum. Its expectation has no
 * closed form.
 *
 * @param sequence how the regions are drawn
 * @param size of the input along the axis
 * @param regions size of the output along the axis
 * @param kernel indices in a region, for intervals; else zero: it follows from the sizes
 * @param overlapping whether neighbouring regions share an index (Graham, section 2.1); for intervals false: there the
 *     kernel decides
 */
record PoolingRegions(Sequence sequence, int size, int regions, int kernel, boolean overlapping)
        implements Noise.OnValue {
    /** As averaging asks for samples of it. */
    static final String NAME = "fmp";

    /** How sequences of indices are drawn; each constant is a value of the operator's attribute {@code sequence}. */
    enum Sequence {
        PSEUDORANDOM,
        RANDOM,
        INTERVAL
    }

    PoolingRegions {
        boolean valid = sequence == Sequence.INTERVAL
                ? kernel >= 1 && regions >= 1 && regions + kernel - 1 <= size && !overlapping
                : kernel == 0 && regions >= 1 && regions <= size - (overlapping ? 1 : 0);
        if (!valid) {
            throw new IllegalArgumentException(
                    sequence + " regions: " + regions + " of " + kernel + " do not fit into " + size);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    /** By how much the ratio of the sizes exceeds one. */
    @Override
    public double strength() {
        return (double) size / regions - 1;
    }

    /** The most indices that a region has. */
    int window() {
        return sequence == Sequence.INTERVAL ? kernel : Math.ceilDiv(length(), regions) + (overlapping ? 1 : 0);
    }

    /** How many indices {@code z} has for one sequence. */
    int elements() {
        return window() * regions;
    }

    /** Where Graham's sequences end: overlapping regions contain their end, which is the last index then. */
    private int length() {
        return overlapping ? size - 1 : size;
    }

    /** Sequence after sequence, as many as there is room for. */
    @Override
    public void draw(FloatBuffer z, RandomGenerator random) {
        while (z.hasRemaining()) {
            switch (sequence) {
                case PSEUDORANDOM ->
                    regions(z, IndexSequences.pseudorandom(length(), regions, random.nextInt(IndexSequences.STEPS)));
                case RANDOM -> regions(z, IndexSequences.random(length(), regions, random));
                case INTERVAL -> intervals(z, random.nextFloat());
            }
        }
    }

    private void regions(FloatBuffer z, int[] indices) {
        fill(z, indices, IndexSequences.ends(indices, overlapping));
    }

    /** The regions of PyTorch's random sample u. */
    void intervals(FloatBuffer z, float u) {
        int[] starts = IndexSequences.intervals(size, regions, kernel, u);
        int[] ends = Arrays.stream(starts).map(start -> start + kernel - 1).toArray();
        fill(z, starts, ends);
    }

    private void fill(FloatBuffer z, int[] starts, int[] ends) {
        for (int offset = 0; offset < window(); offset++) {
            for (int i = 0; i < regions; i++) {
                z.put(Math.min(starts[i] + offset, ends[i]));
            }
        }
    }
}

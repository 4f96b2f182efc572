package dev.fieldfare.image;

import java.util.Arrays;

/**
 * Cuts a window out of a resized picture, without resizing the rest. The result equals Pillow's {@code Image.resize}
 * (Pillow, {@code Resample.c}: separable convolution, columns first, with an 8-bit picture between the two passes and
 * weights in fixed point) bit by bit, because that is what most models were trained on.
 *
 * <p>Rows come one by one, from the top; only as many rows of the picture between the passes are held as one output row
 * needs.
 */
final class Resampler implements ResizedRows {
    /** 32 bits hold an 8-bit sample times weights that sum up to one, and two bits for negative weights' overshoot. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    static final int HALF = 1 << (PRECISION_BITS - 1);

    private final Columns columns;
    private final Taps rows;
    /** Rows between the passes; row {@code i} of the source lies at {@code i % length}. */
    private final byte[][] narrowed;

    private final int[] sums;
    private int nextSourceRow;

    /** The first pass: rows of the source, resized to the window's columns. */
    interface Columns {
        /** Samples in a row of the window. */
        int samples();

        /** Writes a row of the source. */
        void narrow(int sourceRow, byte[] line);
    }

    /** @param rows where the window's rows come from */
    Resampler(Columns columns, Taps rows) {
        this.columns = columns;
        this.rows = rows;
        this.narrowed = new byte[rows.longest()][columns.samples()];
        this.sums = new int[columns.samples()];
        this.nextSourceRow = rows.first[0];
    }

    /**
     * A picture.
     *
     * @param channels 3 for RGB, 1 for grey (ITU-R 601 luma, taken before resizing)
     * @param columns where the window's columns come from
     * @param rows where the window's rows come from
     */
    Resampler(Picture picture, int channels, Taps columns, Taps rows) {
        this(channels == 1 ? new GreyColumns(picture, columns) : new RgbColumns(picture, columns), rows);
    }

    @Override
    public void row(int y, byte[] line) {
        int first = rows.first[y];
        int end = first + rows.length[y];
        nextSourceRow = Math.max(nextSourceRow, first);
        for (; nextSourceRow < end; nextSourceRow++) {
            columns.narrow(nextSourceRow, narrowed[nextSourceRow % narrowed.length]);
        }
        if (end - first == 2) {
            blend(
                    narrowed[first % narrowed.length],
                    rows.weight(y, 0),
                    narrowed[(first + 1) % narrowed.length],
                    rows.weight(y, 1),
                    line);
            return;
        }
        int[] sums = this.sums;
        Arrays.fill(sums, HALF);
        for (int source = first; source < end; source++) {
            byte[] from = narrowed[source % narrowed.length];
            int weight = rows.weight(y, source - first);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += weight * (from[i] & 0xFF);
            }
        }
        for (int i = 0; i < sums.length; i++) {
            line[i] = sample(sums[i]);
        }
    }

    /** Two rows at once: most have two, and sums need not lie in memory. */
    private static void blend(byte[] upper, int upperWeight, byte[] lower, int lowerWeight, byte[] line) {
        for (int i = 0; i < upper.length; i++) {
            line[i] = sample(HALF + upperWeight * (upper[i] & 0xFF) + lowerWeight * (lower[i] & 0xFF));
        }
    }

    /** The 8-bit sample of a weighted sum, which began with {@link #HALF}. */
    static byte sample(int sum) {
        int sample = sum >> PRECISION_BITS;
        return (byte) (sample < 0 ? 0 : sample > 255 ? 255 : sample);
    }

    /** For each output position along one axis: which source positions count, and how much, in fixed point. */
    static final class Taps {
        final int longest;
        final int[] first;
        final int[] length;
        /** Of position {@code i}, tap {@code j}, at {@code i * longest + j}. */
        final int[] weights;

        /**
         * @param source the length of the source, in pixels
         * @param resized what it is resized to
         * @param from where the window begins in the resized picture
         * @param count how long the window is; it must lie within the resized picture
         */
        Taps(Interpolation interpolation, int source, int resized, int from, int count) {
            this(interpolation, source, (double) source / resized, from, count);
        }

        /** @param scale how many pixels of the source one of the resized picture has */
        Taps(Interpolation interpolation, int source, double scale, int from, int count) {
            double filterScale = Math.max(1, scale);
            double support = interpolation.support() * filterScale;
            longest = Math.min(source, (int) Math.ceil(support) * 2 + 1);
            first = new int[count];
            length = new int[count];
            weights = new int[Math.multiplyExact(count, longest)];
            double[] weight = new double[longest];
            for (int i = 0; i < count; i++) {
                double centre = (from + i + 0.5) * scale;
                first[i] = Math.max(0, (int) (centre - support + 0.5));
                length[i] = Math.min(source, (int) (centre + support + 0.5)) - first[i];
                double sum = 0;
                for (int j = 0; j < length[i]; j++) {
                    // Times the reciprocal, as Pillow does: a division would round some weights otherwise.
                    weight[j] = interpolation.weight((first[i] + j - centre + 0.5) * (1 / filterScale));
                    sum += weight[j];
                }
                for (int j = 0; j < length[i]; j++) {
                    double fixed = (weight[j] / sum) * (1 << PRECISION_BITS);
                    weights[i * longest + j] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
                }
            }
        }

        int count() {
            return first.length;
        }

        int longest() {
            return longest;
        }

        private int weight(int position, int tap) {
            return weights[position * longest + tap];
        }
    }
}

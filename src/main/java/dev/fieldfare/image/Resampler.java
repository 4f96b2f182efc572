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
final class Resampler {
    /** 32 bits hold an 8-bit sample times weights that sum up to one, and two bits for negative weights' overshoot. */
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private final Picture picture;
    private final int channels;
    private final Taps columns;
    private final Taps rows;
    /** Rows between the passes; row {@code i} of the source lies at {@code i % length}. */
    private final byte[][] narrowed;

    private final byte[] grey;
    private final int[] sums;
    private int nextSourceRow;

    /**
     * @param channels 3 for RGB, 1 for grey (ITU-R 601 luma, taken before resizing)
     * @param columns where the window's columns come from
     * @param rows where the window's rows come from
     */
    Resampler(Picture picture, int channels, Taps columns, Taps rows) {
        this.picture = picture;
        this.channels = channels;
        this.columns = columns;
        this.rows = rows;
        this.narrowed = new byte[rows.longest()][columns.count() * channels];
        this.grey = new byte[channels == 1 ? picture.width() : 0];
        this.sums = new int[columns.count() * channels];
        this.nextSourceRow = rows.first[0];
    }

    /**
     * Computes a row of the window.
     *
     * @param y from 0; rows must be asked for in order
     * @param line receives the row's samples, {@code channels} a pixel
     */
    void row(int y, byte[] line) {
        int first = rows.first[y];
        int end = first + rows.length[y];
        nextSourceRow = Math.max(nextSourceRow, first);
        for (; nextSourceRow < end; nextSourceRow++) {
            narrow(nextSourceRow, narrowed[nextSourceRow % narrowed.length]);
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

    private void narrow(int sourceRow, byte[] line) {
        if (channels == 1) {
            toGrey(sourceRow);
            narrowGrey(line);
        } else {
            narrowRgb(3 * sourceRow * picture.width(), line);
        }
    }

    /** With all that is read in a loop in variables: the launcher's compiler does not lift fields out of loops. */
    private void narrowRgb(int rowStart, byte[] line) {
        byte[] rgb = picture.rgb();
        int[] firsts = columns.first;
        int[] lengths = columns.length;
        int[] weights = columns.weights;
        int to = 0;
        for (int x = 0; x < firsts.length; x++) {
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            int from = rowStart + 3 * firsts[x];
            int tap = x * columns.longest;
            for (int end = tap + lengths[x]; tap < end; tap++, from += 3) {
                int weight = weights[tap];
                red += weight * (rgb[from] & 0xFF);
                green += weight * (rgb[from + 1] & 0xFF);
                blue += weight * (rgb[from + 2] & 0xFF);
            }
            line[to++] = sample(red);
            line[to++] = sample(green);
            line[to++] = sample(blue);
        }
    }

    private void narrowGrey(byte[] line) {
        for (int x = 0; x < columns.count(); x++) {
            int sum = HALF;
            int from = columns.first[x];
            int length = columns.length[x];
            for (int i = 0; i < length; i++) {
                sum += columns.weight(x, i) * (grey[from + i] & 0xFF);
            }
            line[x] = sample(sum);
        }
    }

    /** The columns that the window needs, as Pillow's {@code convert("L")}: luma of ITU-R 601 in 16-bit fixed point. */
    private void toGrey(int sourceRow) {
        byte[] rgb = picture.rgb();
        int last = columns.count() - 1;
        int end = columns.first[last] + columns.length[last];
        int from = 3 * (sourceRow * picture.width() + columns.first[0]);
        for (int x = columns.first[0]; x < end; x++, from += 3) {
            int red = rgb[from] & 0xFF;
            int green = rgb[from + 1] & 0xFF;
            int blue = rgb[from + 2] & 0xFF;
            grey[x] = (byte) ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16);
        }
    }

    private static byte sample(int sum) {
        int sample = sum >> PRECISION_BITS;
        return (byte) (sample < 0 ? 0 : sample > 255 ? 255 : sample);
    }

    /** For each output position along one axis: which source positions count, and how much, in fixed point. */
    static final class Taps {
        private final int longest;
        private final int[] first;
        private final int[] length;
        private final int[] weights;

        /**
         * @param source the length of the source, in pixels
         * @param resized what it is resized to
         * @param from where the window begins in the resized picture
         * @param count how long the window is; it must lie within the resized picture
         */
        Taps(Interpolation interpolation, int source, int resized, int from, int count) {
            double scale = (double) source / resized;
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

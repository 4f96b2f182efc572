package dev.fieldfare.image;

/** Rows of two planes that lie alike, resized to the window's columns: U and V in turns. */
record ChromaColumns(byte[] bytes, PixelFormat.Plane u, PixelFormat.Plane v, Resampler.Taps columns)
        implements Resampler.Columns {
    @Override
    public int samples() {
        return 2 * columns.count();
    }

    /** Both at once, as they have the same weights. Fields in variables, as in {@link PlaneColumns}. */
    @Override
    public void narrow(int sourceRow, byte[] line) {
        byte[] samples = bytes;
        int[] firsts = columns.first;
        int[] lengths = columns.length;
        int[] weights = columns.weights;
        int longest = columns.longest;
        int step = u.step();
        int rowStart = u.offset() + sourceRow * u.rowStep();
        int toV = v.offset() - u.offset();
        int to = 0;
        for (int x = 0; x < firsts.length; x++) {
            int sumU = Resampler.HALF;
            int sumV = Resampler.HALF;
            int from = rowStart + step * firsts[x];
            int tap = x * longest;
            for (int end = tap + lengths[x]; tap < end; tap++, from += step) {
                int weight = weights[tap];
                sumU += weight * (samples[from] & 0xFF);
                sumV += weight * (samples[from + toV] & 0xFF);
            }
            line[to++] = Resampler.sample(sumU);
            line[to++] = Resampler.sample(sumV);
        }
    }
}

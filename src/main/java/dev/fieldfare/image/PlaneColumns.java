package dev.fieldfare.image;

/** Rows of one plane, resized to the window's columns. */
record PlaneColumns(byte[] bytes, PixelFormat.Plane plane, Resampler.Taps columns) implements Resampler.Columns {
    @Override
    public int samples() {
        return columns.count();
    }

    /** With all that is read in a loop in variables: the launcher's compiler does not lift fields out of loops. */
    @Override
    public void narrow(int sourceRow, byte[] line) {
        byte[] samples = bytes;
        int[] firsts = columns.first;
        int[] lengths = columns.length;
        int[] weights = columns.weights;
        int longest = columns.longest;
        int step = plane.step();
        int rowStart = plane.offset() + sourceRow * plane.rowStep();
        for (int x = 0; x < firsts.length; x++) {
            int sum = Resampler.HALF;
            int from = rowStart + step * firsts[x];
            int tap = x * longest;
            for (int end = tap + lengths[x]; tap < end; tap++, from += step) {
                sum += weights[tap] * (samples[from] & 0xFF);
            }
            line[x] = Resampler.sample(sum);
        }
    }
}

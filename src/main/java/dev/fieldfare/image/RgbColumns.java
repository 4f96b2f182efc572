package dev.fieldfare.image;

/** Rows of a picture, resized to the window's columns. */
record RgbColumns(Picture picture, Resampler.Taps columns) implements Resampler.Columns {
    @Override
    public int samples() {
        return 3 * columns.count();
    }

    /** With all that is read in a loop in variables: the launcher's compiler does not lift fields out of loops. */
    @Override
    public void narrow(int sourceRow, byte[] line) {
        byte[] rgb = picture.rgb();
        int[] firsts = columns.first;
        int[] lengths = columns.length;
        int[] weights = columns.weights;
        int rowStart = 3 * sourceRow * picture.width();
        int to = 0;
        for (int x = 0; x < firsts.length; x++) {
            int red = Resampler.HALF;
            int green = Resampler.HALF;
            int blue = Resampler.HALF;
            int from = rowStart + 3 * firsts[x];
            int tap = x * columns.longest;
            for (int end = tap + lengths[x]; tap < end; tap++, from += 3) {
                int weight = weights[tap];
                red += weight * (rgb[from] & 0xFF);
                green += weight * (rgb[from + 1] & 0xFF);
                blue += weight * (rgb[from + 2] & 0xFF);
            }
            line[to++] = Resampler.sample(red);
            line[to++] = Resampler.sample(green);
            line[to++] = Resampler.sample(blue);
        }
    }
}

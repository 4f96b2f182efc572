package dev.fieldfare.image;

/** The window of a view, row by row from the top, in 8 bits a sample. */
interface WindowRows {
    /**
     * Reads a row, in order.
     *
     * @param y of the window, from 0
     * @param samples receives what the row shows of the picture, the samples of column {@link #first} first
     */
    void read(int y, byte[] samples);

    /** The first column of the row just read that shows the picture. */
    int first();

    /** The column behind the last of the row just read that shows the picture; the first where none does. */
    int end();

    /** The window as it lies in the resized picture. */
    static WindowRows straight(
            Picture picture, int channels, Interpolation interpolation, Placement across, Placement down) {
        boolean empty = across.first() == across.end() || down.first() == down.end();
        Resampler resampler =
                empty ? null : new Resampler(picture, channels, across.taps(interpolation), down.taps(interpolation));
        return new WindowRows() {
            private int end;

            @Override
            public void read(int y, byte[] samples) {
                if (resampler == null || y < down.first() || y >= down.end()) {
                    end = across.first();
                    return;
                }
                resampler.row(y - down.first(), samples);
                end = across.end();
            }

            @Override
            public int first() {
                return across.first();
            }

            @Override
            public int end() {
                return end;
            }
        };
    }
}

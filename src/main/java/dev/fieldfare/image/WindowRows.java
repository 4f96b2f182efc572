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
            Pixels pixels, int channels, Interpolation interpolation, Placement across, Placement down) {
        boolean empty = across.first() == across.end() || down.first() == down.end();
        ResizedRows rows = empty ? null : ResizedRows.of(pixels, channels, interpolation, across.shown(), down.shown());
        return new WindowRows() {
            private int end;

            @Override
            public void read(int y, byte[] samples) {
                if (rows == null || y < down.first() || y >= down.end()) {
                    end = across.first();
                    return;
                }
                rows.row(y - down.first(), samples);
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

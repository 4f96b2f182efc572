package dev.fieldfare.image;

/**
 * A fingerprint of how a picture looks: near-duplicates, such as the frames of a burst, have nearly the same bits.
 * Neal Krawetz, "Kind of Like That", The Hacker Factor Blog, 2013 (dHash).
 */
public final class DifferenceHash {
    private static final int COLUMNS = 9;
    private static final int ROWS = 8;

    private DifferenceHash() {}

    /**
     * The hash: the picture in grey, 9 x 8 pixels, antialiased; one bit for each pair of neighbours in a row, set if
     * the right one is brighter. Row by row from the top left, which is the highest bit.
     */
    public static long of(Pixels pixels) {
        ResizedRows rows = ResizedRows.of(
                pixels,
                1,
                Interpolation.BILINEAR,
                new ResizedRows.Stretch(pixels.width(), COLUMNS, 0, COLUMNS),
                new ResizedRows.Stretch(pixels.height(), ROWS, 0, ROWS));
        byte[] line = new byte[COLUMNS];
        long hash = 0;
        for (int y = 0; y < ROWS; y++) {
            rows.row(y, line);
            for (int x = 1; x < COLUMNS; x++) {
                hash = (hash << 1) | ((line[x] & 0xFF) > (line[x - 1] & 0xFF) ? 1 : 0);
            }
        }
        return hash;
    }

    /** In how many of the 64 bits two hashes differ. 0 to about 5 is the same scene, 32 is chance. */
    public static int distance(long hash, long other) {
        return Long.bitCount(hash ^ other);
    }
}

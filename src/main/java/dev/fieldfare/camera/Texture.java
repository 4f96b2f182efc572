package dev.fieldfare.camera;

/**
 * Value noise: one fixed, seamlessly repeating sheet of smooth irregularity, from which every ground takes its grain by
 * stretching it. Nothing is drawn at random here; a scene draws where on the sheet it lies.
 */
final class Texture {
    private static final int SIDE = 256;
    private static final float[] SHEET = sheet();

    private Texture() {}

    /** A value within -1 and 1; neighbouring whole coordinates are independent, those between are interpolated. */
    static double at(double u, double v) {
        long column = (long) Math.floor(u);
        long row = (long) Math.floor(v);
        float fu = (float) (u - column);
        float fv = (float) (v - row);
        int left = (int) column & (SIDE - 1);
        int right = (left + 1) & (SIDE - 1);
        int top = ((int) row & (SIDE - 1)) * SIDE;
        int bottom = (top + SIDE) & (SIDE * SIDE - 1);
        float above = SHEET[top + left] + fu * (SHEET[top + right] - SHEET[top + left]);
        float below = SHEET[bottom + left] + fu * (SHEET[bottom + right] - SHEET[bottom + left]);
        return above + fv * (below - above);
    }

    /** Every point's value is a hash of its number (the finalizer of SplitMix64), so the sheet never changes. */
    private static float[] sheet() {
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            long z = (i + 1) * 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            values[i] = (int) ((z ^ (z >>> 31)) >>> 32) / (float) (1L << 31);
        }
        return values;
    }
}

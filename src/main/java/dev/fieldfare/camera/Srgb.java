package dev.fieldfare.camera;

/** The transfer function of sRGB (IEC 61966-2-1) both ways, by table. */
final class Srgb {
    private static final int STEPS = 8192;
    private static final float[] LINEAR = new float[256];
    private static final byte[] ENCODED = new byte[STEPS + 1];

    static {
        for (int i = 0; i < LINEAR.length; i++) {
            double v = i / 255.0;
            LINEAR[i] = (float) (v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
        }
        for (int i = 0; i <= STEPS; i++) {
            double l = (double) i / STEPS;
            double v = l <= 0.0031308 ? 12.92 * l : 1.055 * Math.pow(l, 1 / 2.4) - 0.055;
            ENCODED[i] = (byte) Math.round(255 * v);
        }
    }

    private Srgb() {}

    /** Light, 0 to 1, from a value of 0 to 255. */
    static float linear(int encoded) {
        return LINEAR[encoded];
    }

    /** A value of 0 to 255, as an unsigned byte, from light; less than 0 is black, more than 1 is white. */
    static byte encode(float light) {
        return ENCODED[(int) (STEPS * Math.clamp(light, 0, 1) + 0.5f)];
    }
}

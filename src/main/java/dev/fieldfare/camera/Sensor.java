package dev.fieldfare.camera;

import dev.fieldfare.image.Picture;
import java.util.random.RandomGenerator;

/**
 * From light to bytes: shot noise, whose variance grows with the light, and read noise, which is everywhere, then the
 * sRGB curve.
 *
 * @param noise standard deviation of the shot noise where the light is 1
 */
record Sensor(double noise) {
    /** Read noise, as a fraction of the shot noise at white. */
    private static final float READ = 0.25f;

    /** Standard deviation of the sum of four whole numbers that are each even from 0 to 65535. */
    private static final float DEVIATION_OF_FOUR = (float) (65536 / Math.sqrt(3));

    /** @param light linear red, green and blue, {@code width * height} each */
    Picture expose(float[][] light, int width, int height, RandomGenerator random) {
        byte[] rgb = new byte[3 * width * height];
        float deviation = (float) noise;
        for (int i = 0, to = 0; to < rgb.length; i++) {
            for (int channel = 0; channel < 3; channel++, to++) {
                float value = light[channel][i];
                float grain =
                        deviation * (float) Math.sqrt(Math.max(0, value) + READ * READ) * normal(random.nextLong());
                rgb[to] = Srgb.encode(value + grain);
            }
        }
        return new Picture(width, height, rgb);
    }

    /** Nearly normal: the sum of four even numbers, all from one draw. Its tails end at 3.5 deviations. */
    private static float normal(long bits) {
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum - 131070) / DEVIATION_OF_FOUR;
    }
}

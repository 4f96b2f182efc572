package dev.fieldfare.camera;

import java.util.Arrays;

/** Puts the part and its shadow on the ground and lights both. */
final class Lighting {
    /** How much darker the corners are than the middle, through the lens. */
    private static final float VIGNETTE = 0.12f;

    private final int width;
    private final int height;
    private final float[] shadow;
    private final float[] scratch;

    Lighting(int width, int height) {
        this.width = width;
        this.height = height;
        this.shadow = new float[width * height];
        this.scratch = new float[width * height];
    }

    /**
     * @param ground pixels as {@code 0xRRGGBB}
     * @param part pixels as {@code 0xAARRGGBB}, not premultiplied
     * @param light receives the linear light of red, green and blue; 1 fills the sensor
     */
    void light(Scene scene, int[] ground, int[] part, float[][] light) {
        castShadow(scene, part);
        Scene.Lamp lamp = scene.lamp();
        float[] tint = tint(lamp.kelvin());
        float halfDiagonal = (float) Math.hypot(width, height) / 2;
        float towardsX = (float) Math.cos(lamp.direction()) / halfDiagonal;
        float towardsY = (float) Math.sin(lamp.direction()) / halfDiagonal;
        float dark = (float) lamp.shadow();
        for (int y = 0; y < height; y++) {
            float dy = y + 0.5f - height / 2f;
            for (int x = 0; x < width; x++) {
                float dx = x + 0.5f - width / 2f;
                float near = 0.5f + 0.5f * (dx * towardsX + dy * towardsY);
                float edge = (dx * dx + dy * dy) / (halfDiagonal * halfDiagonal);
                float level = (float) (lamp.brightness() * (1 - lamp.falloff() * (1 - near))) * (1 - VIGNETTE * edge);
                int i = y * width + x;
                float cover = (part[i] >>> 24) / 255f;
                float below = (1 - dark * shadow[i]) * (1 - cover) * level;
                float above = cover * level;
                light[0][i] = tint[0]
                        * (below * Srgb.linear(ground[i] >> 16 & 255) + above * Srgb.linear(part[i] >> 16 & 255));
                light[1][i] =
                        tint[1] * (below * Srgb.linear(ground[i] >> 8 & 255) + above * Srgb.linear(part[i] >> 8 & 255));
                light[2][i] = tint[2] * (below * Srgb.linear(ground[i] & 255) + above * Srgb.linear(part[i] & 255));
            }
        }
    }

    /** The part's outline, moved away from the lamp and softened by three box filters: together nearly a bell. */
    private void castShadow(Scene scene, int[] part) {
        double reach = scene.part().height() * scene.size();
        int right = (int) Math.rint(-Math.cos(scene.lamp().direction()) * reach);
        int down = (int) Math.rint(-Math.sin(scene.lamp().direction()) * reach);
        Arrays.fill(shadow, 0);
        for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
            for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
                shadow[y * width + x] = (part[(y - down) * width + x - right] >>> 24) / 255f;
            }
        }
        int radius = (int) Math.max(1, Math.rint(0.02 * scene.size()));
        for (int pass = 0; pass < 3; pass++) {
            box(shadow, scratch, height, width, 1, width, radius);
            box(scratch, shadow, width, height, width, 1, radius);
        }
    }

    /** The mean of {@code 2 * radius + 1} values along each line; there is no shadow outside of the picture. */
    private static void box(float[] from, float[] to, int lines, int length, int step, int stride, int radius) {
        float share = 1f / (2 * radius + 1);
        for (int line = 0; line < lines; line++) {
            int start = line * stride;
            float sum = 0;
            for (int i = 0; i < Math.min(radius, length); i++) {
                sum += from[start + i * step];
            }
            for (int i = 0; i < length; i++) {
                if (i + radius < length) {
                    sum += from[start + (i + radius) * step];
                }
                if (i - radius > 0) {
                    sum -= from[start + (i - radius - 1) * step];
                }
                to[start + i * step] = sum * share;
            }
        }
    }

    /** The lamp's colour after white balance, which takes out half of it (the geometric mean with white). */
    private static float[] tint(double kelvin) {
        double[] colour = blackBody(kelvin);
        double[] white = blackBody(6500);
        float[] tint = new float[3];
        for (int i = 0; i < 3; i++) {
            tint[i] = (float) Math.sqrt(Math.max(0, colour[i]) / white[i]);
        }
        return tint;
    }

    /**
     * The colour of a black body in linear sRGB at luminance 1: the approximation of the Planckian locus by Kang, Moon,
     * Hong, Lee, Cho and Kim, "Design of advanced color temperature control system for HDTV applications", Journal of
     * the Korean Physical Society 41 (2002), then the matrix of IEC 61966-2-1.
     *
     * @param kelvin temperature, 1667 to 25000
     * @return red, green, blue; colours outside of sRGB have a channel below 0
     */
    static double[] blackBody(double kelvin) {
        double t = 1000 / kelvin;
        double x = kelvin <= 4000
                ? ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
                : ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390;
        double y = kelvin <= 2222
                ? ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
                : kelvin <= 4000
                        ? ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
                        : ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483;
        double bigX = x / y;
        double bigZ = (1 - x - y) / y;
        return new double[] {
            3.2406 * bigX - 1.5372 - 0.4986 * bigZ,
            -0.9689 * bigX + 1.8758 + 0.0415 * bigZ,
            0.0557 * bigX - 0.2040 + 1.0570 * bigZ
        };
    }
}

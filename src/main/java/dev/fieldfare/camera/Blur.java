package dev.fieldfare.camera;

import java.util.Arrays;

/** Defocus and camera shake: convolutions with few taps, edges repeated. */
final class Blur {
    private final int width;
    private final int height;
    private final float[] scratch;

    Blur(int width, int height) {
        this.width = width;
        this.height = height;
        this.scratch = new float[width * height];
    }

    /** Blurs a plane in place, as if out of focus: a bell curve of this standard deviation in pixels. */
    void defocus(float[] plane, double deviation) {
        int radius = (int) Math.ceil(2.5 * deviation);
        if (deviation < 0.2) {
            return;
        }
        float[] weights = new float[2 * radius + 1];
        float sum = 0;
        for (int i = -radius; i <= radius; i++) {
            weights[i + radius] = (float) Math.exp(-0.5 * i * i / (deviation * deviation));
            sum += weights[i + radius];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        Arrays.fill(scratch, 0);
        for (int i = -radius; i <= radius; i++) {
            add(plane, i, 0, weights[i + radius]);
        }
        System.arraycopy(scratch, 0, plane, 0, plane.length);
        Arrays.fill(scratch, 0);
        for (int i = -radius; i <= radius; i++) {
            add(plane, 0, i, weights[i + radius]);
        }
        System.arraycopy(scratch, 0, plane, 0, plane.length);
    }

    /** Blurs a plane in place, as if the camera had moved evenly so many pixels while the shutter was open. */
    void motion(float[] plane, double moveX, double moveY) {
        int samples = (int) Math.ceil(2 * Math.hypot(moveX, moveY));
        if (samples < 2) {
            return;
        }
        int reach = (int) Math.ceil(Math.hypot(moveX, moveY) / 2) + 1;
        int side = 2 * reach + 1;
        float[] kernel = new float[side * side];
        for (int i = 0; i < samples; i++) {
            double along = (i + 0.5) / samples - 0.5;
            double x = moveX * along + reach;
            double y = moveY * along + reach;
            int column = (int) x;
            int row = (int) y;
            float fx = (float) (x - column);
            float fy = (float) (y - row);
            kernel[row * side + column] += (1 - fx) * (1 - fy) / samples;
            kernel[row * side + column + 1] += fx * (1 - fy) / samples;
            kernel[(row + 1) * side + column] += (1 - fx) * fy / samples;
            kernel[(row + 1) * side + column + 1] += fx * fy / samples;
        }
        Arrays.fill(scratch, 0);
        for (int i = 0; i < kernel.length; i++) {
            if (kernel[i] > 0) {
                add(plane, i % side - reach, i / side - reach, kernel[i]);
            }
        }
        System.arraycopy(scratch, 0, plane, 0, plane.length);
    }

    /** Adds the plane, moved by (-dx, -dy), to the scratch plane; the inner loop is what the compiler can vectorize. */
    private void add(float[] plane, int dx, int dy, float weight) {
        int first = Math.clamp(-dx, 0, width);
        int last = Math.clamp(width - dx, 0, width);
        for (int y = 0; y < height; y++) {
            int to = y * width;
            int from = Math.clamp(y + dy, 0, height - 1) * width;
            for (int x = 0; x < first; x++) {
                scratch[to + x] += weight * plane[from];
            }
            for (int x = first; x < last; x++) {
                scratch[to + x] += weight * plane[from + x + dx];
            }
            for (int x = last; x < width; x++) {
                scratch[to + x] += weight * plane[from + width - 1];
            }
        }
    }
}

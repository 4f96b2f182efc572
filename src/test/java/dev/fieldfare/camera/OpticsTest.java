package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lamp, the lens and the sensor, against published numbers and moments that theory gives. */
class OpticsTest {
    private static final int SIDE = 64;

    /** CIE 15 for illuminant A (2856 K); the others from the CIE 1931 tables of the Planckian locus. */
    @ParameterizedTest
    @CsvSource({"2000, 0.5267, 0.4133", "2856, 0.4476, 0.4074", "5000, 0.3451, 0.3516", "6500, 0.3135, 0.3237"})
    void aBlackBodyHasTheChromaticityOfThePlanckianLocus(double kelvin, double x, double y) {
        double[] rgb = Lighting.blackBody(kelvin);
        double bigX = 0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2];
        double bigY = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        double bigZ = 0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2];
        assertEquals(1, bigY, 0.001);
        assertEquals(x, bigX / (bigX + bigY + bigZ), 0.001);
        assertEquals(y, bigY / (bigX + bigY + bigZ), 0.001);
    }

    /** Values of the curve in IEC 61966-2-1, rounded. */
    @ParameterizedTest
    @CsvSource({"0, 0", "10, 0.003035", "55, 0.03820", "128, 0.21586", "188, 0.50289", "255, 1"})
    void theCurveIsThatOfSrgb(int encoded, double light) {
        assertEquals(light, Srgb.linear(encoded), 0.00002);
    }

    @Test
    void encodingUndoesDecoding() {
        for (int i = 0; i < 256; i++) {
            assertEquals(i, Srgb.encode(Srgb.linear(i)) & 255);
        }
        assertEquals(0, Srgb.encode(-0.5f));
        assertEquals(255, Srgb.encode(1.5f) & 255);
    }

    /** The variance of shot noise is proportional to the light; read noise adds a constant. */
    @ParameterizedTest
    @CsvSource({"0.02, 0.1", "0.02, 0.4", "0.02, 0.8", "0.05, 0.4"})
    void theSensorIsAsNoisyAsItIsSet(double noise, float level) {
        float[][] light = new float[3][SIDE * SIDE];
        for (float[] plane : light) {
            Arrays.fill(plane, level);
        }
        byte[] rgb = new Sensor(noise)
                .expose(light, SIDE, SIDE, new Seed(1).generator("sensor"))
                .rgb();
        double sum = 0;
        double squares = 0;
        for (byte value : rgb) {
            double linear = Srgb.linear(value & 255);
            sum += linear;
            squares += linear * linear;
        }
        double mean = sum / rgb.length;
        double deviation = Math.sqrt(squares / rgb.length - mean * mean);
        assertEquals(level, mean, 0.001);
        assertEquals(noise * Math.sqrt(level + 1.0 / 16), deviation, 0.03 * deviation);
    }

    @Test
    void withoutNoiseTheSensorOnlyEncodes() {
        float[][] light = {{0.21586f}, {1}, {0}};
        byte[] rgb = new Sensor(0)
                .expose(light, 1, 1, new Seed(1).generator("sensor"))
                .rgb();
        assertEquals(128, rgb[0] & 255);
        assertEquals(255, rgb[1] & 255);
        assertEquals(0, rgb[2]);
    }

    @ParameterizedTest
    @CsvSource({"0.8", "1.6", "3"})
    void defocusSpreadsAPointByItsDeviation(double deviation) {
        float[] plane = point();
        new Blur(SIDE, SIDE).defocus(plane, deviation);
        double[] moments = moments(plane);
        assertEquals(1, moments[0], 1e-4);
        // The bell is cut off at 2.5 deviations, which makes it up to a tenth less wide in variance.
        assertEquals(deviation * deviation, moments[1], 0.12 * deviation * deviation);
        assertEquals(deviation * deviation, moments[2], 0.12 * deviation * deviation);
    }

    /** An even spread over a length has a twelfth of its square as variance; interpolation adds at most 1/4. */
    @ParameterizedTest
    @CsvSource({"8, 0", "0, 8", "6, -4", "-3, 3"})
    void motionSpreadsAPointAlongItsPath(double moveX, double moveY) {
        float[] plane = point();
        new Blur(SIDE, SIDE).motion(plane, moveX, moveY);
        double[] moments = moments(plane);
        assertEquals(1, moments[0], 1e-4);
        assertEquals(moveX * moveX / 12, moments[1], 0.26);
        assertEquals(moveY * moveY / 12, moments[2], 0.26);
    }

    @Test
    void blurLeavesAnEvenPictureAlone() {
        float[] plane = new float[SIDE * SIDE];
        Arrays.fill(plane, 0.4f);
        Blur blur = new Blur(SIDE, SIDE);
        blur.defocus(plane, 2);
        blur.motion(plane, 5, 3);
        for (float value : plane) {
            assertEquals(0.4f, value, 1e-5f);
        }
    }

    private static float[] point() {
        float[] plane = new float[SIDE * SIDE];
        plane[SIDE / 2 * SIDE + SIDE / 2] = 1;
        return plane;
    }

    /** The sum of a plane and its variances across and down, round the middle. */
    private static double[] moments(float[] plane) {
        double[] moments = new double[3];
        for (int i = 0; i < plane.length; i++) {
            double x = i % SIDE - SIDE / 2;
            double y = i / SIDE - SIDE / 2;
            moments[0] += plane[i];
            moments[1] += plane[i] * x * x;
            moments[2] += plane[i] * y * y;
        }
        return moments;
    }
}

package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.image.Picture;
import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedCameraTest {
    private static SimulatedCamera camera(SimulatedBench bench, long seed) {
        return new SimulatedCamera(bench, index -> new Seed(seed).generator("simulated camera", index));
    }

    @ParameterizedTest
    @ValueSource(strings = {"day", "evening", "anywhere"})
    void aFrameDependsOnSeedAndNumberOnly(String bench) {
        SimulatedCamera first = camera(SimulatedBench.named(bench), 7);
        SimulatedCamera second = camera(SimulatedBench.named(bench), 7);
        SimulatedCamera other = camera(SimulatedBench.named(bench), 8);
        byte[] four = first.draw(4).picture().rgb();
        for (long index = 0; index < 6; index++) {
            Picture next = second.next().orElseThrow().pixels().toPicture();
            assertEquals(160, next.width());
            assertEquals(160, next.height());
            assertArrayEquals(first.draw(index).picture().rgb(), next.rgb(), "frame " + index);
            assertFalse(Arrays.equals(other.draw(index).picture().rgb(), next.rgb()), "frame " + index);
        }
        second.draw(11);
        assertArrayEquals(four, second.draw(4).picture().rgb());
        assertFalse(Arrays.equals(four, second.draw(5).picture().rgb()));
    }

    @Test
    void aClosedCameraHasNoMoreFrames() {
        SimulatedCamera camera = camera(SimulatedBench.day(), 1);
        assertTrue(camera.next().isPresent());
        camera.close();
        assertEquals(Optional.empty(), camera.next());
    }

    @Test
    void everyPartAndEveryGroundComesAboutEquallyOften() {
        SimulatedBench bench = SimulatedBench.anywhere();
        int[] parts = new int[Part.values().length];
        int[] grounds = new int[Ground.values().length];
        int frames = 3500;
        for (long index = 0; index < frames; index++) {
            Scene scene = Scene.draw(bench, new Seed(3).generator("simulated camera", index), null);
            parts[scene.part().ordinal()]++;
            grounds[scene.base().ground().ordinal()]++;
        }
        // Four standard deviations of a binomial distribution.
        for (Part part : Part.values()) {
            assertEquals(frames / 5.0, parts[part.ordinal()], 4 * Math.sqrt(frames * 0.2 * 0.8), part.label());
        }
        for (Ground ground : Ground.values()) {
            assertEquals(frames / 7.0, grounds[ground.ordinal()], 4 * Math.sqrt(frames * 6 / 49.0), ground.name());
        }
    }

    @Test
    void theTruthIsWhatWasAskedForAndTheSceneStaysTheSame() {
        SimulatedBench bench = SimulatedBench.anywhere();
        SimulatedCamera camera = camera(bench, 5);
        for (Part part : Part.values()) {
            assertEquals(part, camera.draw(9, part).part());
            Scene wanted = Scene.draw(bench, new Seed(5).generator("simulated camera", 9), part);
            Scene free = Scene.draw(bench, new Seed(5).generator("simulated camera", 9), null);
            assertEquals(free.base(), wanted.base());
            assertEquals(free.lamp(), wanted.lamp());
            assertEquals(free.variation(), wanted.variation());
        }
        Part free = camera.draw(9).part();
        assertArrayEquals(
                camera.draw(9).picture().rgb(), camera.draw(9, free).picture().rgb());
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void everyPartCanBeSeenOnEveryGround(Part part) {
        for (Ground ground : Ground.values()) {
            SimulatedBench any = SimulatedBench.anywhere();
            SimulatedBench bench = new SimulatedBench(
                    160, 160, List.of(part), Set.of(ground), any.light(), any.size(), any.tilt(), any.blur(), 0);
            SimulatedCamera camera = camera(bench, 2);
            for (long index = 0; index < 12; index++) {
                double share =
                        changed(camera.drawGround(index), camera.draw(index).picture(), 8) / (160.0 * 160);
                assertTrue(share > 0.004 && share < 0.7, part + " on " + ground + ", frame " + index + ": " + share);
            }
        }
    }

    /** Without shadow, blur and noise nothing but the part changes the picture, so its extent can be measured. */
    @ParameterizedTest
    @EnumSource(Part.class)
    void aPartIsAsLargeAsItsSettingSays(Part part) {
        Light even =
                new Light(new Range(6500, 6500), new Range(1, 1), new Range(0, 0), new Range(0, 0), new Range(0, 0));
        SimulatedBench bench =
                new SimulatedBench(200, 160, List.of(part), Set.of(Ground.PAPER), even, new Range(0.5, 0.5), 0, 0, 0);
        SimulatedCamera camera = camera(bench, 4);
        for (long index = 0; index < 20; index++) {
            double extent = extent(camera.drawGround(index), camera.draw(index).picture());
            double asked = 0.5 * part.stretch() * 160;
            // A hexagon is less broad across its flats; a bent cable tie is shorter than the circle that it fits in.
            assertTrue(extent > 0.83 * asked && extent < 1.08 * asked + 2, part + ", frame " + index + ": " + extent);
        }
    }

    @Test
    void eveningIsDarkerAndWarmerThanDay() {
        double[] day = meanLight(camera(SimulatedBench.day(), 1));
        double[] evening = meanLight(camera(SimulatedBench.evening(), 1));
        double dayLuminance = 0.2126 * day[0] + 0.7152 * day[1] + 0.0722 * day[2];
        double eveningLuminance = 0.2126 * evening[0] + 0.7152 * evening[1] + 0.0722 * evening[2];
        assertTrue(eveningLuminance < 0.75 * dayLuminance, eveningLuminance + " against " + dayLuminance);
        assertTrue(
                evening[0] / evening[1] > 1.3 * day[0] / day[1], List.of(evening[0], evening[1]) + " in the evening");
        Set<Ground> shared = EnumSet.copyOf(SimulatedBench.day().grounds());
        shared.retainAll(SimulatedBench.evening().grounds());
        assertEquals(Set.of(), shared);
    }

    /** If a mean colour told the parts apart, the demonstration would show nothing. Chance is one in five. */
    @Test
    void theMeanColourOfAPictureHardlyTellsItsPart() {
        SimulatedCamera camera = camera(SimulatedBench.anywhere(), 6);
        int frames = 300;
        double[][] colours = new double[frames][];
        Part[] parts = new Part[frames];
        for (int i = 0; i < frames; i++) {
            SimulatedCamera.Drawn frame = camera.draw(i);
            colours[i] = mean(frame.picture());
            parts[i] = frame.part();
        }
        int right = 0;
        for (int i = 0; i < frames; i++) {
            int nearest = -1;
            for (int j = 0; j < frames; j++) {
                if (j != i
                        && (nearest < 0 || distance(colours[i], colours[j]) < distance(colours[i], colours[nearest]))) {
                    nearest = j;
                }
            }
            right += parts[nearest] == parts[i] ? 1 : 0;
        }
        assertTrue(right < 0.32 * frames, right + " of " + frames);
    }

    private static int changed(Picture a, Picture b, int threshold) {
        int count = 0;
        for (int i = 0; i < a.rgb().length; i += 3) {
            count += differ(a, b, i, threshold) ? 1 : 0;
        }
        return count;
    }

    private static boolean differ(Picture a, Picture b, int i, int threshold) {
        for (int c = 0; c < 3; c++) {
            if (Math.abs((a.rgb()[i + c] & 255) - (b.rgb()[i + c] & 255)) > threshold) {
                return true;
            }
        }
        return false;
    }

    /** The longest extent in any of 36 directions of what differs. */
    private static double extent(Picture a, Picture b) {
        double longest = 0;
        for (int step = 0; step < 36; step++) {
            double cos = Math.cos(step * Math.PI / 36);
            double sin = Math.sin(step * Math.PI / 36);
            double min = Double.MAX_VALUE;
            double max = -Double.MAX_VALUE;
            for (int i = 0; i < a.width() * a.height(); i++) {
                if (differ(a, b, 3 * i, 12)) {
                    double along = cos * (i % a.width()) + sin * (i / a.width());
                    min = Math.min(min, along);
                    max = Math.max(max, along);
                }
            }
            longest = Math.max(longest, max - min);
        }
        return longest;
    }

    private static double[] meanLight(SimulatedCamera camera) {
        double[] sum = new double[3];
        for (long index = 0; index < 60; index++) {
            byte[] rgb = camera.draw(index).picture().rgb();
            for (int i = 0; i < rgb.length; i++) {
                sum[i % 3] += Srgb.linear(rgb[i] & 255);
            }
        }
        return sum;
    }

    private static double[] mean(Picture picture) {
        double[] sum = new double[3];
        for (int i = 0; i < picture.rgb().length; i++) {
            sum[i % 3] += (picture.rgb()[i] & 255) / (picture.rgb().length / 3.0);
        }
        return sum;
    }

    private static double distance(double[] a, double[] b) {
        return Math.hypot(Math.hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]);
    }
}

package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The little world before the simulated camera: a workbench seen from above with one part on it. Lengths are fractions
 * of the frame's short side, so that a world looks the same at every resolution.
 *
 * @param width columns of a frame, 16 to 4096
 * @param height rows of a frame, 16 to 4096
 * @param parts what may lie there, each as often as it is listed; at least one
 * @param grounds what it may lie on, each as often as any other; at least one
 * @param light the lamp
 * @param size the longest extent of a washer or a nut, within 0.05 and 0.95; the long parts are up to half as
 *     long again, but no longer than 0.95 either
 * @param tilt the most that the camera looks sideways instead of straight down, in degrees, 0 to 45
 * @param blur the most that a frame is blurred: standard deviation of the defocus blur and half the length of the
 *     motion blur, 0 to 0.05
 * @param noise standard deviation of the shot noise at white, as a fraction of white in linear light, 0 to 0.5; it
 *     falls with the square root of the light, and read noise of a quarter of it lies everywhere
 */
public record SimulatedBench(
        int width,
        int height,
        List<Part> parts,
        Set<Ground> grounds,
        Light light,
        Range size,
        double tilt,
        double blur,
        double noise) {
    private static final int SIDE = 160;
    private static final Map<String, Supplier<SimulatedBench>> NAMED = new TreeMap<>(Map.of(
            "day", SimulatedBench::day, "evening", SimulatedBench::evening, "anywhere", SimulatedBench::anywhere));

    public SimulatedBench {
        require("width", width, 16, 4096);
        require("height", height, 16, 4096);
        require("smallest size", size.min(), 0.05, 0.95);
        require("largest size", size.max(), 0.05, 0.95);
        require("tilt", tilt, 0, 45);
        require("blur", blur, 0, 0.05);
        require("noise", noise, 0, 0.5);
        if (parts.isEmpty() || grounds.isEmpty()) {
            throw new FieldfareException("the simulated bench needs at least one part of " + List.of(Part.values())
                    + " and at least one ground of " + List.of(Ground.values()) + ", but has " + parts + " and "
                    + grounds);
        }
        parts = List.copyOf(parts);
        // In the order of the enumeration: an immutable set's own order changes from run to run.
        grounds = Collections.unmodifiableSet(EnumSet.copyOf(grounds));
    }

    /** The easy world: wood or a cutting mat, even daylight, parts of much the same size, a steady and quiet camera. */
    public static SimulatedBench day() {
        return new SimulatedBench(
                SIDE,
                SIDE,
                List.of(Part.values()),
                EnumSet.of(Ground.WOOD, Ground.CUTTING_MAT),
                new Light(
                        new Range(5200, 7000),
                        new Range(0.75, 1),
                        new Range(0, 0.2),
                        new Range(0, 360),
                        new Range(0.3, 0.5)),
                new Range(0.5, 0.68),
                10,
                0.003,
                0.015);
    }

    /** After work: other grounds, a warm dim lamp on the left, parts from near and far, more noise and blur. */
    public static SimulatedBench evening() {
        return new SimulatedBench(
                SIDE,
                SIDE,
                List.of(Part.values()),
                EnumSet.of(Ground.STEEL, Ground.CARDBOARD, Ground.CLOTH, Ground.RUBBER),
                new Light(
                        new Range(2600, 3300),
                        new Range(0.45, 0.75),
                        new Range(0.4, 0.7),
                        new Range(145, 215),
                        new Range(0.45, 0.75)),
                new Range(0.32, 0.8),
                25,
                0.01,
                0.04);
    }

    /** Every ground, every light, every size. */
    public static SimulatedBench anywhere() {
        return new SimulatedBench(
                SIDE,
                SIDE,
                List.of(Part.values()),
                EnumSet.allOf(Ground.class),
                new Light(
                        new Range(2400, 9000),
                        new Range(0.45, 1.1),
                        new Range(0, 0.7),
                        new Range(0, 360),
                        new Range(0.25, 0.75)),
                new Range(0.32, 0.8),
                25,
                0.01,
                0.04);
    }

    /**
     * One of the worlds above by its name.
     *
     * @throws FieldfareException if there is none of that name; the message lists the names that exist
     */
    public static SimulatedBench named(String name) {
        Supplier<SimulatedBench> bench = NAMED.get(name);
        if (bench == null) {
            throw new FieldfareException("there is no simulated bench '" + name + "'; there are " + NAMED.keySet());
        }
        return bench.get();
    }

    /** The same world in frames of another size. */
    public SimulatedBench withFrame(int newWidth, int newHeight) {
        return new SimulatedBench(newWidth, newHeight, parts, grounds, light, size, tilt, blur, noise);
    }

    private static void require(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new FieldfareException("the simulated bench's " + name + " must lie within " + least + " and " + most
                    + ", but is " + value);
        }
    }
}

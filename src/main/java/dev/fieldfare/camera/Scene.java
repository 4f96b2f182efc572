package dev.fieldfare.camera;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * All that is drawn at random for one frame, except for the sensor's noise. Every scene takes the same number of draws
 * whatever it shows, so one place and one light can be seen with each part, and without any.
 *
 * @param x centre of the part, pixels from the left
 * @param y centre of the part, pixels from the top
 * @param size the part's longest extent, pixels
 * @param angle how the part is turned, radians
 * @param lean where the camera leans to, radians
 * @param tilt how far it leans, radians
 * @param variation fractions (0 to 1) that the part's own form, material and colour come from
 * @param defocus standard deviation, pixels
 * @param motionX how far the camera moved while the shutter was open, pixels
 */
record Scene(
        Part part,
        Base base,
        Lamp lamp,
        double x,
        double y,
        double size,
        double angle,
        double lean,
        double tilt,
        List<Double> variation,
        double defocus,
        double motionX,
        double motionY) {
    private static final int VARIATIONS = 10;
    private static final double LARGEST = 0.95;

    /**
     * The ground and which piece of it.
     *
     * @param u where the piece begins, in short sides of the frame
     * @param zoom how many units of the ground's texture the frame's short side is long
     * @param tone light or dark, within the ground's own shades: 0 to 1
     */
    record Base(Ground ground, double u, double v, double angle, double zoom, double tone) {}

    /** One draw from {@link Light}; the direction is in radians. */
    record Lamp(double kelvin, double brightness, double falloff, double direction, double shadow) {}

    /** @param wanted the part that lies there; null for any of the bench's */
    static Scene draw(SimulatedBench bench, RandomGenerator random, @Nullable Part wanted) {
        double side = Math.min(bench.width(), bench.height());
        Part drawn = bench.parts().get(random.nextInt(bench.parts().size()));
        Part part = wanted == null ? drawn : wanted;
        List<Ground> grounds = List.copyOf(bench.grounds());
        Base base = new Base(
                grounds.get(random.nextInt(grounds.size())),
                random.nextDouble() * 16,
                random.nextDouble() * 16,
                turn(random),
                0.8 + 0.7 * random.nextDouble(),
                random.nextDouble());
        Light light = bench.light();
        Lamp lamp = new Lamp(
                light.kelvin().draw(random),
                light.brightness().draw(random),
                light.falloff().draw(random),
                Math.toRadians(light.direction().draw(random)),
                light.shadow().draw(random));
        double size = Math.min(bench.size().draw(random) * part.stretch(), LARGEST) * side;
        double angle = turn(random);
        double cos = Math.abs(Math.cos(angle));
        double sin = Math.abs(Math.sin(angle));
        double across = Math.min(1, cos + sin * part.breadth()) * size;
        double down = Math.min(1, sin + cos * part.breadth()) * size;
        double x = place(bench.width(), across, random);
        double y = place(bench.height(), down, random);
        double lean = turn(random);
        double tilt = Math.toRadians(bench.tilt()) * random.nextDouble();
        List<Double> variation = DoubleStream.generate(random::nextDouble)
                .limit(VARIATIONS)
                .boxed()
                .toList();
        double defocus = bench.blur() * side * random.nextDouble();
        // Squared, because most of the time the camera hangs still.
        double motion = 2 * bench.blur() * side * Math.pow(random.nextDouble(), 2);
        double heading = turn(random);
        return new Scene(
                part,
                base,
                lamp,
                x,
                y,
                size,
                angle,
                lean,
                tilt,
                variation,
                defocus,
                motion * Math.cos(heading),
                motion * Math.sin(heading));
    }

    /** The middle of something that may lie a little over the edge: nobody centres a washer under a camera. */
    private static double place(int frame, double extent, RandomGenerator random) {
        double slack = Math.max(0, frame / 2.0 - 0.49 * extent);
        return frame / 2.0 + (2 * random.nextDouble() - 1) * slack;
    }

    private static double turn(RandomGenerator random) {
        return 2 * Math.PI * random.nextDouble();
    }
}

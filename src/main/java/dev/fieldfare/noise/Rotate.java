package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Turns the picture about the centre of what is seen of it, by an angle uniform between {@code -degrees} and
 * {@code degrees}.
 *
 * @param degrees the largest angle, 0 to 180
 */
public record Rotate(double degrees) implements Noise.OnPicture {
    public Rotate {
        Noises.requireRange("rotate", degrees, 0, 180);
    }

    @Override
    public String name() {
        return "rotate";
    }

    @Override
    public double strength() {
        return degrees;
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        return degrees == 0 ? view : view.turn(degrees * (2 * random.nextDouble() - 1));
    }
}

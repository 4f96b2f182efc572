package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Mirrors the picture.
 *
 * @param probability of mirroring, 0 to 1; 0.5 where left and right mean nothing, 0 where they do (letters, hand signs)
 */
public record Flip(double probability) implements Noise.OnPicture {
    public Flip {
        Noises.requireRange("flip", probability, 0, 1);
    }

    @Override
    public String name() {
        return "flip";
    }

    @Override
    public double strength() {
        return probability;
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        return random.nextDouble() < probability ? view.mirror() : view;
    }
}

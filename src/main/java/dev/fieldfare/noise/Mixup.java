package dev.fieldfare.noise;

import dev.fieldfare.image.Preprocessing;
import java.util.random.RandomGenerator;

/**
 * Trains on weighted sums of two pictures, with targets weighted alike; the weight is drawn from Beta(alpha, alpha) (Zhang
 * et al., "mixup: Beyond empirical risk minimization", arXiv 1710.09412).
 *
 * @param alpha 0 to 10; the paper has 0.1 to 0.4 for photos
 */
public record Mixup(double alpha) implements Noise.OnBatch {
    public Mixup {
        Noises.requireRange("mixup", alpha, 0, 10);
    }

    @Override
    public String name() {
        return "mixup";
    }

    @Override
    public double strength() {
        return alpha;
    }

    @Override
    public boolean mixesPictures() {
        return true;
    }

    @Override
    public Mix draw(Preprocessing pictures, RandomGenerator random) {
        return new Mix.Weighted(alpha == 0 ? 1 : Beta.symmetric(alpha, random));
    }
}

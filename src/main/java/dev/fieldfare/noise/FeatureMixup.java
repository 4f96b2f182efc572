package dev.fieldfare.noise;

import dev.fieldfare.image.Preprocessing;
import java.util.random.RandomGenerator;

/**
 * Mixup of what the frozen part of a network makes of two pictures, rather than of the pictures: the one layer before
 * which it is cut (Verma et al., "Manifold mixup", arXiv 1806.05236, draw a layer anew for each batch).
 *
 * @param alpha of Beta(alpha, alpha), 0 to 10
 */
public record FeatureMixup(double alpha) implements Noise.OnBatch {
    public FeatureMixup {
        Noises.requireRange("featureMixup", alpha, 0, 10);
    }

    @Override
    public String name() {
        return "featureMixup";
    }

    @Override
    public double strength() {
        return alpha;
    }

    @Override
    public boolean mixesPictures() {
        return false;
    }

    @Override
    public Mix draw(Preprocessing pictures, RandomGenerator random) {
        return new Mix.Weighted(alpha == 0 ? 1 : Beta.symmetric(alpha, random));
    }
}

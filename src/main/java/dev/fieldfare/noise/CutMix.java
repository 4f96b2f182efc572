package dev.fieldfare.noise;

import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Trains on pictures with a rectangle of another picture pasted in at the same place, and targets by the share of the
 * pixels that each has (Yun et al., "CutMix", arXiv 1905.04899). As in the paper, {@code lambda} is drawn from Beta(alpha,
 * alpha), the rectangle has {@code sqrt(1 - lambda)} of the picture's sides, and its centre is uniform over the picture,
 * so that part of it may lie outside.
 *
 * @param alpha 0 to 10; the paper has 1
 */
public record CutMix(double alpha) implements Noise.OnBatch {
    public CutMix {
        Noises.requireRange("cutmix", alpha, 0, 10);
    }

    @Override
    public String name() {
        return "cutmix";
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
        double half = alpha == 0 ? 0 : Math.sqrt(1 - Beta.symmetric(alpha, random)) / 2;
        double x = random.nextDouble();
        double y = random.nextDouble();
        return new Mix.Pasted(pictures, new View.Box(x - half, y - half, x + half, y + half));
    }
}

package dev.fieldfare.noise;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Members of an ensemble that differ by their pictures, too: each trains on pictures drawn with replacement (Breiman,
 * "Bagging predictors", Machine Learning 24, 1996).
 *
 * @param share of the pictures that are replaced by drawn ones, 0 to 1; 1 is the bootstrap, 0 leaves the members with
 *     their seeds alone to differ by
 */
public record Resample(double share) implements Noise.OnMember {
    public Resample {
        Noises.requireRange("resample", share, 0, 1);
    }

    @Override
    public String name() {
        return "resample";
    }

    @Override
    public double strength() {
        return share;
    }

    @Override
    public int[] draw(int pictures, RandomGenerator random) {
        return IntStream.range(0, pictures)
                .map(own -> share > 0 && random.nextDouble() < share ? random.nextInt(pictures) : own)
                .toArray();
    }
}

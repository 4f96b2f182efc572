package dev.fieldfare.noise;

import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * Inverted dropout: each element is zero with probability {@code rate}, else {@code 1 / (1 - rate)}, so that its mean is
 * one and nothing has to be rescaled in use (Srivastava et al., "Dropout", JMLR 15, 2014, section 10, inverted form).
 *
 * @param rate probability of dropping an element, 0 up to but not including 1
 */
public record Dropout(double rate) implements Noise.OnValue {
    public Dropout {
        Noises.requireRange("dropout", rate, 0, Math.nextDown(1.0));
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public double strength() {
        return rate;
    }

    @Override
    public void draw(FloatBuffer z, RandomGenerator random) {
        float kept = (float) (1 / (1 - rate));
        while (z.hasRemaining()) {
            z.put(rate > 0 && random.nextDouble() < rate ? 0 : kept);
        }
    }
}

package dev.fieldfare.noise;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The seed of a run. Every random decision asks for a generator of its own by purpose and position, so that a decision
 * never depends on how many others were made before it, nor on the order or the thread in which they are made.
 *
 * @param value any number; the same value gives the same run
 */
public record Seed(long value) {
    private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
            RandomGeneratorFactory.of("L64X128MixRandom");
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /**
     * A generator for one decision.
     *
     * @param purpose what is decided, for example {@code "split"} or {@code "crop"}
     * @param position which of many such decisions, for example the epoch and the picture
     */
    public RandomGenerator generator(String purpose, long... position) {
        long state = mix(value);
        for (int i = 0; i < purpose.length(); i++) {
            state = mix(state + GOLDEN_GAMMA + purpose.charAt(i));
        }
        for (long coordinate : position) {
            state = mix(state + GOLDEN_GAMMA + mix(coordinate));
        }
        return FACTORY.create(state);
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

package dev.fieldfare.noise;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.random.RandomGenerator;

/** The table of noises: one line a noise, by the name that it has in configuration files. */
public final class Noises {
    private static final Map<String, DoubleFunction<Noise>> TABLE = new LinkedHashMap<>();

    static {
        TABLE.put("crop", RandomCrop::new);
        TABLE.put("resizedCrop", ResizedCrop::new);
        TABLE.put("rotate", Rotate::new);
        TABLE.put("flip", Flip::new);
        TABLE.put("colour", Colour::new);
        TABLE.put("cutout", Cutout::new);
        TABLE.put("mixup", Mixup::new);
        TABLE.put("cutmix", CutMix::new);
        TABLE.put("featureMixup", FeatureMixup::new);
        TABLE.put("dropout", Dropout::new);
        TABLE.put("resample", Resample::new);
    }

    private Noises() {}

    /** Every noise there is: from its name to its constructor, which takes the strength. */
    public static Map<String, DoubleFunction<Noise>> table() {
        return Collections.unmodifiableMap(TABLE);
    }

    /** A random order of the numbers from 0 to {@code count - 1}, each order equally likely (Fisher and Yates). */
    public static int[] permutation(int count, RandomGenerator random) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    static void requireRange(String name, double strength, double lowest, double highest) {
        if (!(strength >= lowest && strength <= highest)) {
            throw new IllegalArgumentException(
                    name + " must be between " + lowest + " and " + highest + ", not " + strength);
        }
    }
}

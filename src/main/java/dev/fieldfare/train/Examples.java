package dev.fieldfare.train;

import dev.fieldfare.noise.Noise;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Pictures to learn from or to measure on.
 *
 * @param pictures their numbers
 * @param labels of each
 * @param views how many changed views there are of each, besides the plain one
 */
record Examples(int[] pictures, int[] labels, int views) {
    int count() {
        return pictures.length;
    }

    Examples withViews(int other) {
        return new Examples(pictures, labels, other);
    }

    /** As many of these as were drawn; one that was drawn twice is there twice. */
    Examples resampled(Noise.OnMember noise, RandomGenerator random) {
        int[] drawn = noise.draw(count(), random);
        return new Examples(
                Arrays.stream(drawn).map(i -> pictures[i]).toArray(),
                Arrays.stream(drawn).map(i -> labels[i]).toArray(),
                views);
    }

    /** These and those. */
    Examples and(Examples others) {
        if (views != others.views) {
            throw new IllegalArgumentException(views + " views and " + others.views);
        }
        return new Examples(join(pictures, others.pictures), join(labels, others.labels), views);
    }

    private static int[] join(int[] first, int[] second) {
        return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
    }
}

package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SeedTest {
    private static long[] stream(long seed, String purpose, long... position) {
        return new Seed(seed).generator(purpose, position).longs(8).toArray();
    }

    @Test
    void sameQuestionSameAnswerWhateverElseWasAsked() {
        long[] alone = stream(7, "crop", 3, 5);
        Seed busy = new Seed(7);
        busy.generator("flip", 3, 5).nextLong();
        RandomGenerator second = busy.generator("crop", 3, 5);
        busy.generator("crop", 9, 9).nextLong();
        assertArrayEquals(alone, second.longs(8).toArray());
    }

    @Test
    void everySeedPurposeAndPositionHasAStreamOfItsOwn() {
        Set<Long> first = new HashSet<>();
        int asked = 0;
        for (long seed : new long[] {0, 1, 2, -1, Long.MAX_VALUE}) {
            for (String purpose : new String[] {"a", "b", "ab", "ba", "order", "view"}) {
                asked++;
                first.add(new Seed(seed).generator(purpose).nextLong());
                for (long i = 0; i < 20; i++) {
                    asked += 2;
                    first.add(new Seed(seed).generator(purpose, i).nextLong());
                    first.add(new Seed(seed).generator(purpose, i, 0).nextLong());
                }
                // Coordinates do not simply add up, nor commute.
                asked += 2;
                first.add(new Seed(seed).generator(purpose, 30, 40).nextLong());
                first.add(new Seed(seed).generator(purpose, 40, 30).nextLong());
            }
        }
        assertEquals(asked, first.size(), "some streams begin alike");
    }

    /** First draws at neighbouring positions must look independent: half of the bits differ. */
    @Test
    void neighboursShareHalfOfTheirBits() {
        int pairs = 2000;
        long different = 0;
        for (long i = 0; i < pairs; i++) {
            long here = new Seed(1).generator("order", i).nextLong();
            long next = new Seed(1).generator("order", i + 1).nextLong();
            different += Long.bitCount(here ^ next);
        }
        // Four standard deviations of a binomial distribution.
        assertEquals(32.0 * pairs, different, 4 * Math.sqrt(64.0 * pairs / 4));
    }

    @Test
    void permutationsAreUniform() {
        int draws = 24_000;
        Map<String, Integer> seen = new TreeMap<>();
        for (int i = 0; i < draws; i++) {
            int[] order = Noises.permutation(4, new Seed(11).generator("permutation", i));
            seen.merge(Arrays.toString(order), 1, Integer::sum);
            Arrays.sort(order);
            assertArrayEquals(new int[] {0, 1, 2, 3}, order);
        }
        assertEquals(24, seen.size());
        double expected = draws / 24.0;
        double chiSquare = seen.values().stream()
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        // scipy.stats.chi2.ppf(0.9999, 23) = 56.7
        assertTrue(chiSquare < 56.7, "chi-square " + chiSquare + " of 23 degrees of freedom");
    }

    @Test
    void permutationsOfFewThings() {
        RandomGenerator random = new Seed(1).generator("permutation");
        assertArrayEquals(new int[0], Noises.permutation(0, random));
        assertArrayEquals(new int[] {0}, Noises.permutation(1, random));
    }
}

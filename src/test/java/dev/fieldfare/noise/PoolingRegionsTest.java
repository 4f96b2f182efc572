package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.TestData;
import dev.fieldfare.noise.PoolingRegions.Sequence;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which rows, or columns, the regions of fractional max pooling read. */
class PoolingRegionsTest {
    private static final int DRAWS = 20_000;

    private static float[] draw(PoolingRegions regions, long position) {
        float[] z = new float[regions.elements()];
        regions.draw(FloatBuffer.wrap(z), new Seed(5).generator("regions", position));
        return z;
    }

    @Test
    void intervalsStartWherePyTorchsDo() throws IOException {
        JsonNode cases = JsonMapper.builder()
                .build()
                .readTree(Files.readString(TestData.path("fmp/torch_interval_starts.json")));
        assertEquals(80, cases.size());
        for (JsonNode test : cases) {
            int[] starts = new int[test.get("outputSize").asInt()];
            Arrays.setAll(starts, i -> test.get("starts").get(i).asInt());
            float u = (float) test.get("u").asDouble();
            int size = test.get("inputSize").asInt();
            int window = test.get("poolSize").asInt();
            assertArrayEquals(starts, IndexSequences.intervals(size, starts.length, window, u), test.toString());
        }
    }

    /** Graham's formula, moved to begin at zero. */
    @ParameterizedTest
    @CsvSource({"25, 18, 0.0001", "25, 18, 0.3", "25, 18, 0.77", "25, 18, 0.9999", "24, 18, 0.21", "36, 25, 0.5001"})
    void pseudorandomSequencesAreTheFormula(int length, int regions, double u) {
        int step = (int) (u * IndexSequences.STEPS);
        double alpha = (double) length / regions;
        double exact = (double) step / IndexSequences.STEPS;
        int[] expected = new int[regions + 1];
        Arrays.setAll(expected, i -> (int) (Math.ceil(alpha * (i + exact)) - Math.ceil(alpha * exact)));
        assertArrayEquals(expected, IndexSequences.pseudorandom(length, regions, step));
    }

    /** For every ratio above 1 and up to 2: sequences run from end to end in steps of the two neighbouring numbers. */
    @Test
    void sequencesRunFromEndToEnd() {
        for (int length = 2; length <= 40; length++) {
            for (int regions = (length + 1) / 2; regions < length; regions++) {
                for (int step : new int[] {0, 1, 5_000_000, 8_388_608, 13_000_001, IndexSequences.STEPS - 1}) {
                    requireSteps(IndexSequences.pseudorandom(length, regions, step), length);
                    requireSteps(IndexSequences.random(length, regions, new Seed(step).generator("random")), length);
                }
            }
        }
    }

    private static void requireSteps(int[] sequence, int length) {
        assertEquals(0, sequence[0]);
        assertEquals(length, sequence[sequence.length - 1]);
        for (int i = 1; i < sequence.length; i++) {
            int step = sequence[i] - sequence[i - 1];
            assertTrue(step == 1 || step == 2, Arrays.toString(sequence));
        }
    }

    /** Regions lie side by side, or share one index; together they read every index; the window is never exceeded. */
    @ParameterizedTest
    @CsvSource({"PSEUDORANDOM, false", "PSEUDORANDOM, true", "RANDOM, false", "RANDOM, true"})
    void regionsCoverTheInput(Sequence sequence, boolean overlapping) {
        for (int size = 3; size <= 30; size++) {
            for (int count = 1; count < size; count++) {
                PoolingRegions regions = new PoolingRegions(sequence, size, count, 0, overlapping);
                for (int k = 0; k < 5; k++) {
                    float[] z = draw(regions, k);
                    int last = z.length - count;
                    assertEquals(0, z[0]);
                    assertEquals(size - 1, z[z.length - 1]);
                    for (int i = 1; i < count; i++) {
                        assertEquals(z[last + i - 1] + (overlapping ? 0 : 1), z[i], regions.toString());
                    }
                    for (int i = count; i < z.length; i++) {
                        // The next index of the region, or once more its last.
                        float step = z[i] - z[i - count];
                        assertTrue(step == 1 || step == 0 && z[i] == z[last + i % count], regions.toString());
                    }
                }
            }
        }
    }

    /** Every kernel lies within the input, the first at its beginning, the last at its end. */
    @Test
    void intervalsBeginAndEndWithTheInput() {
        for (int size = 2; size <= 20; size++) {
            for (int kernel = 1; kernel <= Math.min(4, size - 1); kernel++) {
                for (int count = 2; count + kernel - 1 <= size; count++) {
                    PoolingRegions regions = new PoolingRegions(Sequence.INTERVAL, size, count, kernel, false);
                    assertEquals(kernel, regions.window());
                    for (int k = 0; k < 5; k++) {
                        float[] z = draw(regions, k);
                        assertEquals(0, z[0]);
                        assertEquals(size - 1, z[z.length - 1]);
                        for (int i = 1; i < count; i++) {
                            assertTrue(z[i] > z[i - 1], regions.toString());
                        }
                        for (int i = count; i < z.length; i++) {
                            assertEquals(z[i - count] + 1, z[i]);
                        }
                    }
                }
            }
        }
    }

    /** Each sequence is as frequent as the offsets u, uniform from 0 to 1, that give it. */
    @ParameterizedTest
    @EnumSource(names = {"PSEUDORANDOM", "INTERVAL"})
    void offsetsAreUniform(Sequence sequence) {
        boolean interval = sequence == Sequence.INTERVAL;
        PoolingRegions regions = new PoolingRegions(sequence, 17, 12, interval ? 2 : 0, false);
        IntFunction<float[]> atStep = step -> {
            FloatBuffer z = FloatBuffer.allocate(regions.elements());
            if (interval) {
                regions.intervals(z, (float) step / IndexSequences.STEPS);
            } else {
                int[] sequenceOfStep = IndexSequences.pseudorandom(17, 12, step);
                for (int i = 0; i < z.limit(); i++) {
                    z.put(Math.min(sequenceOfStep[i % 12] + i / 12, sequenceOfStep[i % 12 + 1] - 1));
                }
            }
            return z.array();
        };
        int offsets = 1 << 14;
        Map<String, Double> share = new HashMap<>();
        for (int i = 0; i < offsets; i++) {
            int step = i * (IndexSequences.STEPS / offsets) + 77;
            share.merge(Arrays.toString(atStep.apply(step)), 1.0 / offsets, Double::sum);
        }
        assertTrue(share.size() > 5, share.size() + " different sequences");
        requireFrequencies(regions, share);
    }

    /** Every order of three increments of one and two of two is equally likely. */
    @Test
    void randomIncrementsComeInAnyOrder() {
        PoolingRegions regions = new PoolingRegions(Sequence.RANDOM, 7, 5, 0, false);
        Map<String, Double> share = new HashMap<>();
        for (int pair = 0; pair < 32; pair++) {
            if (Integer.bitCount(pair) == 2) {
                float[] z = new float[10];
                for (int i = 0, next = 0; i < 5; i++) {
                    z[i] = next;
                    next += 1 + (pair >> i & 1);
                    z[5 + i] = next - 1;
                }
                share.put(Arrays.toString(z), 0.1);
            }
        }
        assertEquals(10, share.size());
        requireFrequencies(regions, share);
    }

    private static void requireFrequencies(PoolingRegions regions, Map<String, Double> share) {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            seen.merge(Arrays.toString(draw(regions, i)), 1, Integer::sum);
        }
        assertTrue(share.keySet().containsAll(seen.keySet()), "a sequence that cannot be");
        share.forEach((z, probability) -> {
            double expected = DRAWS * probability;
            // Four standard deviations of a binomial distribution, and one draw for the steps of the offsets.
            double tolerance = 4 * Math.sqrt(expected * (1 - probability)) + 1 + DRAWS / (double) (1 << 14);
            assertEquals(expected, seen.getOrDefault(z, 0), tolerance, z);
        });
    }

    /** Channels that have sequences of their own have different ones. */
    @Test
    void everySequenceIsDrawnByItself() {
        PoolingRegions regions = new PoolingRegions(Sequence.INTERVAL, 40, 25, 3, false);
        FloatBuffer z = FloatBuffer.allocate(8 * regions.elements());
        regions.draw(z, new Seed(1).generator("channels"));
        long different = IntStream.range(0, 8)
                .mapToObj(i -> Arrays.toString(
                        Arrays.copyOfRange(z.array(), i * regions.elements(), (i + 1) * regions.elements())))
                .distinct()
                .count();
        assertTrue(different > 4, different + " different sequences of 8");
    }
}

package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.noise.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
    private static final int CLASSES = 5;

    /** As in {@code tools/fixtures/temperature.py}. */
    private static float[] logits(long picture, long look, float sharpness) {
        long state = (picture * 7919 + look * 104729 + 12345) % 2147483648L;
        float[] row = new float[CLASSES];
        for (int label = 0; label < CLASSES; label++) {
            state = (1103515245L * state + 12345) % 2147483648L;
            row[label] = sharpness * ((state >> 16) % 33 / 8f - 2 + (label == picture % CLASSES ? 1.5f : 0));
        }
        return row;
    }

    private static List<List<float[]>> looks(int pictures, int looks, float sharpness) {
        return IntStream.range(0, pictures)
                .mapToObj(picture -> IntStream.range(0, looks)
                        .mapToObj(look -> Classifier.softmax(logits(picture, look, sharpness)))
                        .toList())
                .toList();
    }

    private static int[] truth(int pictures) {
        return IntStream.range(0, pictures).map(picture -> picture % CLASSES).toArray();
    }

    /** Temperatures that PyTorch's L-BFGS and SciPy's bounded search found; the last but one is at the bound. */
    @ParameterizedTest
    @CsvSource({
        "200, 1, 3.0, 2.686708",
        "200, 1, 0.5, 0.472855",
        "200, 3, 2.0, 0.833758",
        "200, 3, 0.8, 0.354310",
        "200, 3, 0.5, 0.250000",
        "10, 1, 1.0, 0.888850"
    })
    void itIsTheOneThatOthersFind(int pictures, int looks, float sharpness, double expected) {
        assertEquals(expected, Temperature.fit(looks(pictures, looks, sharpness), truth(pictures)), 0.0006);
    }

    /** Truths are drawn from what a model would say if it were not so sure: then its temperature is known. */
    @ParameterizedTest
    @ValueSource(doubles = {0.6, 1, 1.8, 3})
    void aKnownTemperatureIsFoundAgain(double temperature) {
        int pictures = 4000;
        RandomGenerator random = new Seed(5).generator("truths");
        List<List<float[]>> looks = new ArrayList<>();
        int[] truth = new int[pictures];
        for (int i = 0; i < pictures; i++) {
            float[] calm = new float[CLASSES];
            float[] said = new float[CLASSES];
            for (int c = 0; c < CLASSES; c++) {
                calm[c] = (float) (2 * random.nextGaussian());
                said[c] = (float) (calm[c] * temperature);
            }
            looks.add(List.of(Classifier.softmax(said)));
            truth[i] = drawn(Classifier.softmax(calm), random);
        }
        assertEquals(1, Temperature.fit(looks, truth) / temperature, 0.06);
        TemperatureFit fit = TemperatureFit.of("none", looks, truth);
        if (temperature != 1) {
            assertTrue(fit.lossAfter() < fit.lossBefore() - 0.01, fit.toString());
            assertTrue(fit.eceAfter() < fit.eceBefore() / 2, fit.toString());
        }
    }

    private static int drawn(float[] probabilities, RandomGenerator random) {
        double left = random.nextDouble();
        int label = 0;
        while (label < probabilities.length - 1 && (left -= probabilities[label]) > 0) {
            label++;
        }
        return label;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.7, 1, 1.9, 4})
    void temperedProbabilitiesAreThoseOfDividedLogits(double temperature) {
        for (int picture = 0; picture < 50; picture++) {
            float[] logits = logits(picture, 0, 2);
            float[] divided = new float[CLASSES];
            for (int c = 0; c < CLASSES; c++) {
                divided[c] = (float) (logits[c] / temperature);
            }
            float[] probabilities = Classifier.softmax(logits);
            float[] tempered = Temperature.temper(probabilities, temperature);
            assertArrayEquals(Classifier.softmax(divided), tempered, 1e-6f);
            assertEquals(Scores.best(probabilities), Scores.best(tempered));
        }
    }

    @Test
    void aHandfulOfRightAnswersIsNoProof() {
        float[] sure = {0.02f, 0.9f, 0.08f};
        double few = Temperature.fit(Collections.nCopies(5, List.of(sure)), new int[] {1, 1, 1, 1, 1});
        assertTrue(few > 0.7 && few < 1, "after five: " + few);
        int[] hundred = IntStream.range(0, 100).map(i -> 1).toArray();
        double many = Temperature.fit(Collections.nCopies(100, List.of(sure)), hundred);
        assertTrue(many < few, "after a hundred: " + many);
        assertEquals(1, Temperature.fit(List.of(), new int[0]));
    }

    /** A probability of exactly zero, of the truth even, is a very small one. */
    @Test
    void zeroIsSurvived() {
        List<List<float[]>> looks = Collections.nCopies(30, List.of(new float[] {0, 1}));
        int[] truth = IntStream.range(0, 30).map(i -> i % 2).toArray();
        assertEquals(Temperature.MOST, Temperature.fit(looks, truth), 1e-3);
        assertArrayEquals(new float[] {0, 1}, Temperature.temper(new float[] {0, 1}, 2), 1e-6f);
    }

    /** What a picture's figures come from must not know the picture. */
    @Test
    void crossFittingLeavesThePictureOut() {
        List<List<float[]>> looks = looks(60, 2, 2);
        int[] truth = truth(60);
        int[] others = IntStream.range(0, 60).filter(i -> i % 5 != 2).toArray();
        double without = Temperature.fit(
                IntStream.of(others).mapToObj(looks::get).toList(),
                IntStream.of(others).map(i -> truth[i]).toArray());
        assertNotEquals(Temperature.fit(looks, truth), without);
        List<float[]> crossed = Temperature.crossFitted(looks, truth);
        float[] expected = Temperature.mean(looks.get(7).stream()
                .map(look -> Temperature.temper(look, without))
                .toList());
        assertArrayEquals(expected, crossed.get(7), 1e-7f);
    }

    @Test
    void aPredictionOfSeveralLooksIsTempered() {
        List<String> labels = List.of("a", "b", "c");
        List<float[]> looks = List.of(new float[] {0.6f, 0.3f, 0.1f}, new float[] {0.2f, 0.7f, 0.1f});
        Prediction plain = Prediction.mean(labels, looks);
        Prediction tempered = Prediction.mean(labels, looks, 0.5);
        assertArrayEquals(Temperature.temper(plain.probabilities(), 0.5), tempered.probabilities());
        assertEquals(plain.label(), tempered.label());
        assertTrue(tempered.entropy() < plain.entropy());
        assertEquals(plain.mutualInformation(), tempered.mutualInformation());
        // One look is calibrated by the model itself.
        Prediction one = Prediction.mean(labels, looks.subList(0, 1), 0.5);
        assertArrayEquals(looks.getFirst(), one.probabilities());
    }
}

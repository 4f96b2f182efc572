package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.noise.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoppingTest {
    private static boolean enough(double confidence, float[]... looks) {
        return new Stopping.Until(confidence).isEnough(List.of(looks), Duration.ZERO, Duration.ZERO);
    }

    /** Upper tails as scipy.stats.t.sf gives them. */
    @ParameterizedTest
    @CsvSource({
        "0, 1, 0.5",
        "1, 1, 0.25",
        "-2.5, 3, 0.9561466764959672",
        "9.925, 2, 0.004999844379054708",
        "5.5, 9, 0.00019009299434083753",
        "2, 10, 0.03669401738537018",
        "0.3, 29, 0.3831585466644839",
        "3.9, 4, 0.008770734350386463",
        "12, 5, 0.00003544746258580761"
    })
    void tailsOfStudentsDistribution(double t, int degrees, double tail) {
        assertEquals(tail, StudentT.upperTail(t, degrees), 1e-12);
    }

    @Test
    void oneLookIsEnoughWhereItIsSure() {
        assertTrue(enough(0.95, new float[] {0.96f, 0.04f}));
        assertTrue(!enough(0.95, new float[] {0.94f, 0.06f}));
    }

    @Test
    void looksThatAgreeDecideAndLooksThatDoNotDoNot() {
        float[] firm = {0.7f, 0.2f, 0.1f};
        assertTrue(enough(0.99, firm, firm, firm), "no doubt at all");
        assertTrue(!enough(0.99, firm, firm), "two are too few to tell");
        float[] otherwise = {0.2f, 0.7f, 0.1f};
        assertTrue(!enough(0.99, firm, otherwise, firm, otherwise, firm));
    }

    /**
     * The promise: of pictures on which two classes are equally probable in truth, at most so many are decided, however
     * often they are looked at.
     */
    @ParameterizedTest
    @CsvSource({"0.9", "0.99"})
    void whatIsUndecidedIsSeldomDecided(double confidence) {
        int trials = 2000;
        int decided = 0;
        for (int trial = 0; trial < trials; trial++) {
            RandomGenerator random = new Seed(11).generator("stopping", trial);
            List<float[]> looks = new ArrayList<>();
            boolean over = false;
            for (int i = 0; i < 60 && !over; i++) {
                float p = (float) Math.clamp(0.5 + 0.12 * random.nextGaussian(), 0, 1);
                looks.add(new float[] {p, 1 - p});
                over = i > 0 && new Stopping.Until(confidence).isEnough(looks, Duration.ZERO, Duration.ZERO);
            }
            decided += over ? 1 : 0;
        }
        // Either class may lead, so twice the level; three standard deviations more for chance.
        double allowed = 2 * (1 - confidence) * trials;
        assertTrue(decided <= allowed + 3 * Math.sqrt(allowed), decided + " of " + trials);
    }

    @Test
    void clearPicturesNeedFewLooks() {
        RandomGenerator random = new Seed(12).generator("stopping");
        List<float[]> looks = new ArrayList<>();
        do {
            float p = (float) (0.8 + 0.03 * random.nextGaussian());
            looks.add(new float[] {p, 1 - p});
        } while (!new Stopping.Until(0.99).isEnough(looks, Duration.ZERO, Duration.ZERO));
        assertTrue(looks.size() <= 5, looks.size() + " looks");
    }
}

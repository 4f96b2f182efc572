package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link CurveReading} on curves with known faults, and at the boundary of each rule. */
class CurveReadingTest {
    private static final int CLASSES = 4;
    private static final double GUESSING = Math.log(4);
    private static final int EPOCHS = 40;

    private List<Double> train = curve(epoch -> 0.2 + 1.1 * Math.exp(-epoch / 4.0));
    private List<Double> validation = curve(epoch -> 0.3 + Math.exp(-epoch / 4.0));
    private List<Double> accuracies = List.of(0.9, 0.9, 0.92, 0.88, 0.9);
    private double trainAccuracy = 0.95;

    private static List<Double> curve(IntToDoubleFunction of) {
        return IntStream.range(0, EPOCHS).mapToDouble(of).boxed().toList();
    }

    private List<Finding> read() {
        List<Double> losses = Collections.nCopies(accuracies.size(), validation.getLast());
        return CurveReading.of(
                new Trial(
                        1,
                        "refine",
                        Map.of(),
                        1,
                        losses,
                        Collections.nCopies(losses.size(), List.of()),
                        accuracies,
                        train,
                        validation,
                        trainAccuracy,
                        1),
                CLASSES);
    }

    private Finding only() {
        List<Finding> findings = read();
        assertEquals(1, findings.size(), findings.toString());
        return findings.getFirst();
    }

    private void says(Finding.Kind kind, String beginning) {
        Finding finding = only();
        assertEquals(kind, finding.kind(), finding.text());
        assertTrue(finding.text().startsWith(beginning), finding.text());
    }

    private static List<Double> with(List<Double> curve, int epoch, double value) {
        List<Double> other = new ArrayList<>(curve);
        other.set(epoch, value);
        return other;
    }

    @Test
    void healthyCurvesAreGood() {
        says(Finding.Kind.GOOD, "the curves are as they should be: training loss 0.200, validation loss 0.300");
    }

    @Test
    void divergedIsTooHighARate() {
        Trial diverged =
                new Trial(1, "coarse", Map.of(), 1, List.of(), List.of(), List.of(), List.of(), List.of(), 0, 1);
        assertEquals(
                List.of(Finding.problem("training diverged: the learning rate is too high")),
                CurveReading.of(diverged, CLASSES));
    }

    /** Flat, and far above zero: no rate would help, more to be trained would. */
    @Test
    void underfitting() {
        train = curve(epoch -> 0.9 + 0.4 * Math.exp(-epoch / 2.0));
        validation = curve(epoch -> 1.0 + 0.3 * Math.exp(-epoch / 2.0));
        says(Finding.Kind.WARNING, "underfitting: the training loss came down to 0.900 only, of 1.386 for guessing");
        assertTrue(only().text().contains("deeper layers"), only().text());
    }

    @Test
    void underfittingBeginsAtHalfTheGuessingLoss() {
        double half = CurveReading.UNDERFIT * GUESSING;
        train = curve(epoch -> half);
        assertEquals(Finding.Kind.GOOD, only().kind());
        train = curve(epoch -> half + 1e-6);
        says(Finding.Kind.WARNING, "underfitting");
    }

    @Test
    void overfitting() {
        validation = curve(epoch -> epoch < 10 ? 0.9 - 0.05 * epoch : 0.45 + 0.01 * (epoch - 9));
        says(
                Finding.Kind.WARNING,
                "overfitting: the validation loss rose from 0.450 in epoch 10 to 0.750 at the end; fewer epochs");
    }

    @Test
    void overfittingBeginsAtFivePercentAboveTheLowest() {
        validation = with(curve(epoch -> 0.4), EPOCHS - 1, 0.4 * CurveReading.OVERFIT);
        assertEquals(Finding.Kind.GOOD, only().kind());
        validation = with(curve(epoch -> 0.4), EPOCHS - 1, 0.4 * CurveReading.OVERFIT + 1e-6);
        says(Finding.Kind.WARNING, "overfitting");
    }

    /** Up and down in the first half, where the steps are long; the cosine calms it in the end. */
    @Test
    void aRateThatIsTooHighIsRestless() {
        train = curve(epoch -> epoch < 20 ? 0.8 + (epoch % 2 == 0 ? 0.3 : 0) : 0.8 / (epoch - 18));
        says(Finding.Kind.WARNING, "the learning rate looks too high: the training loss rose in more than 30 %");
    }

    /** Of the 19 steps of the first half 30 % are 5.7. */
    @ParameterizedTest
    @CsvSource({"5, GOOD", "6, WARNING"})
    void restlessBeginsAtThirtyPercent(int rises, Finding.Kind expected) {
        train = rising(1, rises);
        assertEquals(expected, only().kind(), only().text());
        train = rising(EPOCHS / 2, rises);
        assertEquals(Finding.Kind.GOOD, only().kind(), "in the second half it does not count");
    }

    /** Rises so often from an epoch on, and falls in all others. */
    private static List<Double> rising(int from, int rises) {
        List<Double> curve = new ArrayList<>();
        double loss = 1;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            loss *= epoch >= from && epoch < from + rises ? 1.01 : 0.9;
            curve.add(loss);
        }
        return curve;
    }

    /** A loss that only follows the rate, which the cosine takes down, and is still high in the end. */
    @Test
    void aRateThatIsTooLowIsUnfinished() {
        train = followsTheCosine(1.38, 0.1);
        validation = followsTheCosine(1.38, 0.09);
        says(
                Finding.Kind.WARNING,
                "the learning rate looks too low, or the epochs too few: the training loss came down");
        train = followsTheCosine(1.38, 0.8);
        assertEquals(Finding.Kind.GOOD, only().kind(), "low enough all the same");
    }

    private static List<Double> followsTheCosine(double start, double fall) {
        List<Double> curve = new ArrayList<>();
        double left = start;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            curve.add(left);
            left -= fall * (1 + Math.cos(Math.PI * epoch / EPOCHS)) / EPOCHS;
        }
        return curve;
    }

    /** Of a fall of 1 more than 0.15 in the second half was not done; with less it is underfitting. */
    @ParameterizedTest
    @CsvSource({"0.151, 'the learning rate looks too low'", "0.149, underfitting"})
    void unfinishedIsByTheSecondHalf(double late, String beginning) {
        train = curve(epoch -> epoch == 0 ? 2 : epoch < EPOCHS / 2 ? 1 + late : 1);
        says(Finding.Kind.WARNING, beginning);
    }

    @Test
    void aGap() {
        trainAccuracy = 1;
        accuracies = List.of(0.7, 0.72, 0.68, 0.7, 0.7);
        says(Finding.Kind.NOTE, "a gap: 100 % right on what it trained on, 70 % on what it did not");
    }

    @ParameterizedTest
    @CsvSource({"0.9999, GOOD", "1.0001, NOTE"})
    void aGapBeginsAtTenPoints(double right, Finding.Kind expected) {
        trainAccuracy = right;
        assertEquals(expected, only().kind(), only().text());
    }

    /** Overfitting says it already. */
    @Test
    void aGapIsNotSaidBesideOverfitting() {
        trainAccuracy = 1.05;
        validation = curve(epoch -> 0.3 + 0.01 * epoch);
        says(Finding.Kind.WARNING, "overfitting");
    }

    @Test
    void noisyValidation() {
        accuracies = List.of(0.8, 1.0, 0.9, 0.75, 1.0);
        says(Finding.Kind.NOTE, "validation is noisy: the accuracy differs by 5.1 points (standard error)");
    }

    /** Two folds that are 2 d apart have a standard error of d. */
    @ParameterizedTest
    @CsvSource({"0.0299, GOOD", "0.0301, NOTE"})
    void noisyBeginsAtThreePoints(double error, Finding.Kind expected) {
        accuracies = List.of(0.9 - error, 0.9 + error);
        assertEquals(expected, only().kind(), only().text());
    }

    @Test
    void aFewEpochsSayLittle() {
        train = List.of(1.2, 0.6);
        validation = List.of(0.7, 0.8);
        assertEquals(Finding.Kind.GOOD, only().kind(), only().text());
    }

    @Test
    void severalFaultsAreAllNamed() {
        train = curve(epoch -> epoch < 20 ? 0.8 + (epoch % 2 == 0 ? 0.3 : 0) : 0.7);
        validation = curve(epoch -> 0.5 + 0.02 * epoch);
        accuracies = List.of(0.5, 0.9);
        List<String> words = read().stream().map(Finding::text).toList();
        assertEquals(3, words.size(), words.toString());
        assertTrue(words.get(0).contains("too high"), words.toString());
        assertTrue(words.get(1).contains("overfitting"), words.toString());
        assertTrue(words.get(2).contains("noisy"), words.toString());
    }
}

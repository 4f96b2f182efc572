package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.Progress;
import dev.fieldfare.train.Retraining;
import dev.fieldfare.train.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of the seven steps catches a fault that was planted, by words, on real trainings of the shipped network. */
class SevenStepsTest {
    private static final int OF_EACH = 20;

    /** Of a shape's colour so much tells its label: then about nine of ten pictures can be told apart. */
    private static final double COLOUR = 0.3;

    private static final String RATE = "optimizer.learningRate";

    @TempDir
    static Path pictures;

    @TempDir
    Path folder;

    @TempDir
    static Path shared;

    /** With the pictures as they are: most faults are in the settings. */
    private static @Nullable Room plain;

    private @Nullable Room open;

    @BeforeAll
    static void takePictures() {
        TestModels.shippedFile();
        Shapes.write(pictures, OF_EACH, COLOUR);
        plain = Room.open(TestModels.shipped(), pictures, shared);
    }

    @AfterAll
    static void closePlain() {
        if (plain != null) {
            plain.close();
        }
    }

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    private Room room(ClassifierModel parent, Path data) {
        open = Room.open(parent, data, folder.resolve("out"));
        return open;
    }

    private static Room room() {
        Room room = Objects.requireNonNull(plain);
        room.ended.clear();
        return room;
    }

    /** The shipped network with another idea of what its input is. */
    private static CardDocument normalize(double scale, double mean, double std) {
        CardDocument.Normalize normalize = new CardDocument.Normalize(scale, List.of(mean), List.of(std));
        return new CardDocument(null, null, null, normalize, null, null, null, null, null);
    }

    private static ClassifierModel shipped(CardDocument card) {
        return ClassifierModel.open(TestModels.shippedFile(), card);
    }

    private static void says(List<Finding> findings, Finding.Kind kind, String... words) {
        assertTrue(
                findings.stream()
                        .anyMatch(finding -> finding.kind() == kind
                                && List.of(words).stream().allMatch(finding.text()::contains)),
                kind + " " + List.of(words) + " is not in " + findings);
    }

    private static void allIsWell(List<Finding> findings) {
        assertTrue(findings.stream().allMatch(finding -> finding.kind() == Finding.Kind.GOOD), findings.toString());
    }

    // --- 1. the initial loss ---------------------------------------------------------------------------------------

    @Test
    void oneToThreeSayThatAllIsWell() {
        Room room = room();
        TrainingSettings base = room.base(Map.of());
        List<Finding> initial = InitialLoss.check(room.bench, base);
        allIsWell(initial);
        says(initial, Finding.Kind.GOOD, "the initial loss is 1.3863; with 4 labels it should be log(4) = 1.3863");
        allIsWell(SmallSample.check(room.bench, base, room.workers));
        allIsWell(room.rates(base).findings(base.optimizer().learningRate()));
    }

    /** Class weights have a mean of 1 over the pictures: the loss of guessing stays what it is. */
    @Test
    void oneIsAsWellWithClassWeightsOnUnevenLabels() throws IOException {
        Path uneven = folder.resolve("uneven");
        Shapes.write(uneven, 6);
        for (int i = 6; i < 30; i++) {
            PictureWriter.writePng(Shapes.draw(0, i, 1), Shapes.file(uneven, 0, i));
        }
        Room room = room(TestModels.shipped(), uneven);
        allIsWell(InitialLoss.check(room.bench, room.base(Map.of("regularization.classWeights", "BALANCED"))));
    }

    /** A standard deviation so small that what is divided by it is infinite. */
    @Test
    void oneCatchesInputsThatMakeInfinities() {
        Room room = room(shipped(normalize(255, 0, 1e-40)), pictures);
        List<Finding> findings = InitialLoss.check(room.bench, room.base(Map.of()));
        says(findings, Finding.Kind.PROBLEM, "the initial loss is not a number", "normalize", "model's card");
    }

    private ClassifierModel retrained(CardDocument card) {
        try (ModelStore store = ModelStore.open(folder.resolve("before"))) {
            new Retraining(
                            TestModels.shipped(),
                            pictures,
                            store,
                            Room.SETTINGS,
                            "test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
        }
        return ClassifierModel.open(folder.resolve("before").resolve(ModelStore.MODEL), card);
    }

    @Test
    void oneIsContentWithAModelThatKnowsTheLabels() {
        Room room = room(retrained(CardDocument.EMPTY), pictures);
        List<Finding> findings = InitialLoss.check(room.bench, room.base(Map.of()));
        allIsWell(findings);
        says(findings, Finding.Kind.GOOD, "the model that is in use knows these labels");
    }

    @Test
    void oneCatchesLabelsInAnotherOrder() {
        ArrayNode reversed = JsonNodeFactory.instance.arrayNode();
        Shapes.LABELS.reversed().forEach(reversed::add);
        Room room = room(retrained(CardDocument.EMPTY.withLabels(reversed)), pictures);
        List<Finding> findings = InitialLoss.check(room.bench, room.base(Map.of()));
        says(findings, Finding.Kind.WARNING, "worse than the 1.386 of guessing", "the order of labels in its card");
    }

    /** Pixels from 0 to 255 instead of -2 to 2. */
    @Test
    void oneCatchesAnotherNormalizationThanTheModelWasTrainedWith() {
        Room room = room(retrained(normalize(1, 0, 1)), pictures);
        List<Finding> findings = InitialLoss.check(room.bench, room.base(Map.of()));
        says(findings, Finding.Kind.WARNING, "worse than the 1.386 of guessing", "check normalize");
    }

    // --- 2. a small sample by heart --------------------------------------------------------------------------------

    @Test
    void twoCatchesOnePictureUnderTwoLabels() throws IOException {
        Path data = Shapes.write(folder.resolve("data"), 10);
        for (int i = 0; i < 3; i++) {
            Files.copy(Shapes.file(data, 0, i), Shapes.file(data, 2, 10 + i));
        }
        Room room = room(TestModels.shipped(), data);
        List<Finding> findings = SmallSample.check(room.bench, room.base(Map.of()), room.workers);
        says(findings, Finding.Kind.PROBLEM, "could be learnt by heart within 200 epochs");
        Finding cause = findings.getLast();
        assertEquals(Finding.Kind.PROBLEM, cause.kind());
        assertTrue(cause.text().startsWith("the likely cause is the labels: "), cause.text());
        boolean named = false;
        for (int i = 0; i < 3; i++) {
            named |= cause.text().contains(Shapes.file(data, 0, i) + " and " + Shapes.file(data, 2, 10 + i));
        }
        assertTrue(named, cause.text());
    }

    /** A mean of 1e9: all pictures become the same number. */
    @Test
    void twoAndThreeCatchAFrozenPartThatSeesNothing() {
        Room room = room(shipped(normalize(255, 1e9, 1)), pictures);
        TrainingSettings base = room.base(Map.of());
        List<Finding> findings = SmallSample.check(room.bench, base, room.workers);
        says(findings, Finding.Kind.PROBLEM, "the likely cause is the frozen part", "check normalize");
        says(room.rates(base).findings(0.01), Finding.Kind.PROBLEM, "no learning rate", "normalize");
    }

    @ParameterizedTest
    @ValueSource(doubles = {100, 1000})
    void twoCatchesALearningRateThatIsTooLow(double factor) {
        Room room = room();
        double usual = room.bench.learningRate(Room.SETTINGS);
        List<Finding> findings = SmallSample.check(room.bench, room.base(Map.of(RATE, usual / factor)), room.workers);
        says(findings, Finding.Kind.PROBLEM, "could be learnt by heart");
        says(findings, Finding.Kind.WARNING, "the likely cause is the learning rate");
    }

    // --- 3. learning rates -----------------------------------------------------------------------------------------

    @Test
    void threeCatchesALearningRateAHundredTimesTooHigh() {
        Room room = room();
        RangeTest rates = room.rates(room.base(Map.of()));
        assertTrue(rates.from() < rates.to() && rates.to() < 1, rates.toString());
        List<Finding> findings = rates.findings(100 * rates.to());
        says(findings, Finding.Kind.WARNING, "is 100 times higher than the highest of these");
        says(rates.findings(rates.from() / 100), Finding.Kind.WARNING, "is 100 times lower than the lowest of these");
    }

    // --- 4. the coarse search --------------------------------------------------------------------------------------

    private record Coarse(List<Trial> trials, Trial best, Map<String, SearchSpace> spaces, List<Finding> findings) {}

    private static TuningSettings tuning(TuningSettings.Search search, Map<String, Object> ranges) {
        // A grid stops none early.
        int halving = search == TuningSettings.Search.GRID ? 1 : 3;
        return new TuningSettings(search, 6, Room.FOLDS, 1, halving, 3, ranges);
    }

    private static Coarse coarse(Room room, TrainingSettings base, Laboratory laboratory, TuningSettings tuning) {
        SearchSpace space = Ranges.of(tuning, base, "last", room.rates(base), room.bench);
        Map<String, SearchSpace> spaces = Map.of("last", space);
        List<Trial> trials =
                new CoarseSearch(tuning, base, spaces, laboratory).run(room.workers, room.ended::add, Room.ALWAYS);
        Trial best = CoarseSearch.best(trials).orElse(trials.getFirst());
        return new Coarse(trials, best, spaces, CoarseReading.of(trials, best, spaces, room.bench));
    }

    private static Coarse coarse(Room room, TrainingSettings base, Map<String, Object> ranges) {
        return coarse(room, base, ranges, TuningSettings.Search.RANDOM);
    }

    private static Coarse coarse(
            Room room, TrainingSettings base, Map<String, Object> ranges, TuningSettings.Search search) {
        return coarse(room, base, room.laboratory(base, InstantSource.system()), tuning(search, ranges));
    }

    @Test
    void fourCatchesLabelsThatMeanNothing() {
        Path data = folder.resolve("data");
        for (int label = 0; label < 4; label++) {
            for (int i = 0; i < OF_EACH; i++) {
                PictureWriter.writePng(Shapes.draw(i % 4, OF_EACH * label + i, 1), Shapes.file(data, label, i));
            }
        }
        Room room = room(TestModels.shipped(), data);
        List<Finding> findings = coarse(room, room.base(Map.of()), Map.of()).findings();
        says(findings, Finding.Kind.PROBLEM, "does not tell these labels apart", "check that the folders hold what");
    }

    @Test
    void fourSaysWhatIsBestAndWhereItLies() {
        Room room = room();
        Coarse coarse = coarse(room, room.base(Map.of()), Map.of());
        says(coarse.findings(), Finding.Kind.GOOD, "7 settings");
        assertEquals(coarse.trials(), room.ended, "each is told of, in the order in which they began");
        assertTrue(coarse.trials().stream().anyMatch(trial -> trial.effort() < 1), "some end early");
    }

    /** What was there before lies as wrong; otherwise it would be the best. */
    @Test
    void fourCatchesARangeThatLiesWrong() {
        Room room = room();
        Coarse coarse = coarse(
                room,
                room.base(Map.of(RATE, 1e-6)),
                Map.of(RATE, Map.of("from", 1e-6, "to", 1e-5, "scale", "log")),
                TuningSettings.Search.GRID);
        says(
                coarse.findings(),
                Finding.Kind.WARNING,
                "the best " + RATE + ", 0.00001, lies at the upper end of its range",
                "widen ranges." + RATE);
    }

    /** A penalty that grows what it should shrink at such a rate. */
    @Test
    void fourCatchesThatAllDiverge() {
        Room room = room();
        TrainingSettings base = room.base(Map.of("optimizer.name", "sgd", RATE, 100, "regularization.l2", 100));
        Coarse coarse = coarse(room, base, Map.of(RATE, Map.of("from", 50, "to", 100)), TuningSettings.Search.GRID);
        assertTrue(coarse.trials().stream().allMatch(Trial::diverged));
        says(coarse.findings(), Finding.Kind.PROBLEM, "all 7 settings diverged", "begin the range of", "lower");
    }

    // --- 5. refining -----------------------------------------------------------------------------------------------

    private static Refinement.Result refined(
            Room room, TrainingSettings base, Map<String, Object> ranges, int rounds, DoublePredicate hasTime) {
        Laboratory laboratory = room.laboratory(base, InstantSource.system());
        Coarse coarse = coarse(room, base, laboratory, tuning(TuningSettings.Search.RANDOM, ranges));
        return new Refinement(room.full(laboratory), Room.FOLDS, base, coarse.spaces(), 6, hasTime)
                .run(coarse.trials(), coarse.best(), rounds);
    }

    @Test
    void fiveFindsBetterThanABadPenalty() {
        Room room = room();
        Refinement.Result result = refined(room, room.base(Map.of("regularization.l2", 10)), Map.of(), 1, Room.ALWAYS);
        says(result.refined(), Finding.Kind.GOOD, "better than the settings that were there before");
        assertTrue(result.chosen().loss() < result.before().loss(), result.toString());
        assertTrue(
                result.chosen().values().containsKey("regularization.l2"),
                result.chosen().toString());
        says(result.refined(), Finding.Kind.NOTE, "regularization.l2 matters: at its old value the loss is");
    }

    @Test
    void fiveKeepsWhatNothingIsBetterThan() {
        Room room = room();
        Refinement.Result result =
                refined(room, room.base(Map.of()), Map.of("regularization.l2", List.of(20, 50)), 1, Room.ALWAYS);
        says(result.refined(), Finding.Kind.GOOD, "the settings that were there before are as good", "and are kept");
        assertEquals(0, result.chosen().candidate());
        assertEquals(Map.of(), result.chosen().values());
    }

    /** One fold of a deeper training is little to go by: before it replaces anything, all folds say what they think. */
    @Test
    void fiveMeasuresDeeperSettingsOnAllFoldsBeforeTheyReplaceTheOld(@TempDir Path out) {
        TrainingSettings deep = SearchSpace.apply(Room.SETTINGS, Map.of("train", "blocks:1", "epochs", 4));
        try (Room room = Room.open(TestModels.shipped(), pictures, out, 2, deep)) {
            TrainingSettings base = room.base(Map.of(RATE, 1e-6, "suffix.learningRate", 1e-6));
            Laboratory laboratory = room.laboratory(base, InstantSource.system());
            Map<String, Object> better = Map.of(RATE, 0.01);
            Trial before = laboratory.run(0, "coarse", Map.of(), 1, 1);
            Trial best = laboratory.run(1, "coarse", better, 1, 1);
            AtomicInteger asked = new AtomicInteger();
            // There is time for nothing; for these two, but not for a whole round of refining on all folds; for all.
            Map<DoublePredicate, List<Integer>> foldsAndJudged = Map.of(
                    seconds -> false,
                    List.of(1, 0),
                    seconds -> asked.incrementAndGet() > 1,
                    List.of(Room.FOLDS, 2),
                    Room.ALWAYS,
                    List.of(Room.FOLDS, 0));
            foldsAndJudged.forEach((hasTime, expected) -> {
                room.ended.clear();
                Refinement.Result result = new Refinement(room.full(laboratory), Room.FOLDS, base, Map.of(), 1, hasTime)
                        .run(List.of(before, best), best, 0);
                assertEquals(better, result.chosen().values());
                assertEquals(expected.getFirst(), result.before().foldLosses().size());
                assertEquals(expected.getFirst(), result.chosen().foldLosses().size());
                assertEquals(
                        (long) expected.getLast(),
                        room.ended.stream()
                                .filter(trial -> trial.phase().equals("judge"))
                                .count());
            });
        }
    }

    /** The first of many that were measured on few pictures may owe it to them. */
    @Test
    void fiveMeasuresTheFewBestAgain() {
        Room room = room();
        TrainingSettings base = room.base(Map.of());
        Laboratory laboratory = room.laboratory(base, InstantSource.system());
        Trial before = laboratory.run(0, "coarse", Map.of(), 1, 1);
        Trial lucky = lucky(1, laboratory.run(1, "coarse", Map.of("regularization.l2", 50), 1, 1), 0.001);
        Trial good = lucky(2, laboratory.run(2, "coarse", Map.of("regularization.l2", 1e-4), 1, 1), 0.002);
        Refinement.Result result = new Refinement(room.full(laboratory), Room.FOLDS, base, Map.of(), 2, Room.ALWAYS)
                .run(List.of(before, lucky, good), lucky, 0);
        assertEquals(2, result.found().candidate());
    }

    private static Trial lucky(int candidate, Trial trial, double loss) {
        return trial(candidate, trial.values(), loss, 1, trial.seconds());
    }

    private static Trial trial(
            int candidate, Map<String, Object> values, double loss, double accuracy, double seconds) {
        List<Double> losses = List.of(loss);
        return new Trial(
                candidate,
                "coarse",
                values,
                1,
                losses,
                List.of(List.of(loss - 0.01, loss + 0.01)),
                List.of(accuracy),
                losses,
                losses,
                1,
                seconds);
    }

    @Test
    void fiveTakesNothingThatIsRightLessOften() {
        Trial before = trial(0, Map.of(), 1, 0.8, 1);
        assertTrue(Refinement.isBetter(trial(1, Map.of(), 0.9, 0.8, 1), before, 5));
        assertFalse(Refinement.isBetter(trial(1, Map.of(), 0.9, 0.79, 1), before, 5), "less often right");
        assertFalse(Refinement.isBetter(trial(1, Map.of(), 1, 0.9, 1), before, 5), "no lower loss");
    }

    // --- 6. the curves ---------------------------------------------------------------------------------------------

    @Test
    void sixReadsALearningRateThatIsFarTooHigh() {
        Room room = room();
        Trial trial = room.trial(room.base(Map.of(RATE, 50)));
        says(CurveReading.of(trial, 4), Finding.Kind.WARNING, "the learning rate looks too high");
    }

    @ParameterizedTest
    @ValueSource(doubles = {10, 100, 1000})
    void sixReadsALearningRateThatIsTooLow(double factor) {
        Room room = room();
        double rate = room.bench.learningRate(Room.SETTINGS) / factor;
        List<Finding> findings = CurveReading.of(room.trial(room.base(Map.of(RATE, rate))), 4);
        says(findings, Finding.Kind.WARNING, "the learning rate looks too low");
    }

    @Test
    void sixNamesPicturesWithWrongLabels() throws IOException {
        Path data = Shapes.write(folder.resolve("data"), OF_EACH);
        Room clean = room(TestModels.shipped(), data);
        assertEquals(List.of(), suspects(clean, data), "all is right so far");
        clean.close();
        Set<String> wrong = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
            Path there = Shapes.file(data, (i + 1) % 4, OF_EACH + i);
            Files.move(Shapes.file(data, i, 3), there, StandardCopyOption.ATOMIC_MOVE);
            wrong.add(data.relativize(there).toString());
        }
        open = Room.open(TestModels.shipped(), data, folder.resolve("again"));
        Room room = open;
        Set<String> development = new TreeSet<>();
        for (int picture : room.bench.development()) {
            development.add(data.relativize(room.bench.file(picture)).toString());
        }
        wrong.retainAll(development);
        assertTrue(wrong.size() >= 2, "most are not held back: " + wrong);
        List<String> found = suspects(room, data);
        assertTrue(wrong.containsAll(found), found + " are not all of " + wrong);
        assertTrue(found.size() >= wrong.size() - 1, "nearly all of them: " + found + " of " + wrong);
    }

    private static List<String> suspects(Room room, Path data) {
        List<Fold> folds = room.bench.folds(5, new Seed(1), 0);
        List<Attempt> attempts = folds.stream()
                .map(fold -> room.bench.attempt(room.base(Map.of()), fold))
                .toList();
        return room.bench.suspects(folds, attempts).stream()
                .map(suspect -> data.relativize(suspect.file()).toString())
                .toList();
    }

    // --- 7. back to refining, while it pays ------------------------------------------------------------------------

    @Test
    void sevenEndsWhenItDoesNotPay() {
        Room room = room();
        List<Finding> rounds =
                refined(room, room.base(Map.of()), Map.of(), 20, Room.ALWAYS).rounds();
        assertTrue(rounds.size() < 20, rounds.toString());
        says(List.of(rounds.getLast()), Finding.Kind.NOTE, "that does not pay, so it ends here");
        rounds.subList(0, rounds.size() - 1)
                .forEach(finding -> says(List.of(finding), Finding.Kind.GOOD, "that pays, so once more"));
    }

    /** By a clock on which every look takes a second. */
    @Test
    void sevenEndsWhenTheTimeIsOver() {
        Room room = room();
        TrainingSettings base = room.base(Map.of("regularization.l2", 10));
        List<Instant> looks = new ArrayList<>();
        InstantSource clock = () -> {
            looks.add(Instant.EPOCH);
            return Instant.EPOCH.plusSeconds(looks.size());
        };
        TimeShare time = new TimeShare(clock, Duration.ofSeconds(3));
        Refinement.Result result = refined(room, base, Map.of(), 20, seconds -> time.fits(seconds, time.at(1)));
        Finding last = result.rounds().getLast();
        assertEquals(Finding.Kind.NOTE, last.kind());
        assertTrue(last.text().endsWith("the time for more is needed to train with the result"), last.text());
        assertTrue(result.rounds().size() < 4, result.rounds().toString());
    }

    @Test
    void sevenCanBeLeftOut() {
        Room room = room();
        List<Finding> rounds =
                refined(room, room.base(Map.of()), Map.of(), 0, Room.ALWAYS).rounds();
        assertEquals(List.of(Finding.note("rounds is 0: nothing was refined")), rounds);
    }
}

package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestModels;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.Progress;
import dev.fieldfare.train.Retraining;
import dev.fieldfare.train.TrainingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole search, from pictures to a model, on a clock that stands still: it never ends by time. */
class TuningTest {
    private static final InstantSource STILL = InstantSource.fixed(Instant.EPOCH);

    /** With a penalty that is far too large, so that there is something to be found. */
    private static final TrainingSettings SETTINGS = SearchSpace.apply(Room.SETTINGS, Map.of("regularization.l2", 10));

    private static final TuningSettings TUNING =
            new TuningSettings(TuningSettings.Search.RANDOM, 6, Room.FOLDS, 1, 3, 1, Map.of());

    @TempDir
    static Path pictures;

    @TempDir
    static Path whole;

    @TempDir
    Path folder;

    /** What several tests compare with. */
    private static @Nullable TuningReport first;

    @BeforeAll
    static void takePicturesAndTune() {
        TestModels.shippedFile();
        Shapes.write(pictures, 20, 0.3);
        first = tune(whole, SETTINGS, TUNING, Progress.SILENT);
    }

    private static TuningReport first() {
        return Objects.requireNonNull(first);
    }

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    private static TuningReport tune(Path output, TrainingSettings settings, TuningSettings tuning, Progress progress) {
        try (ModelStore store = ModelStore.open(output)) {
            return new Tuning(TestModels.shipped(), pictures, store, settings, tuning, "test", STILL, progress).run();
        }
    }

    private TuningReport tune(String output, Map<String, Object> values) {
        return tune(folder.resolve(output), SearchSpace.apply(SETTINGS, values), TUNING, Progress.SILENT);
    }

    private static byte[] model(Path output) throws IOException {
        return Files.readAllBytes(output.resolve(ModelStore.MODEL));
    }

    private static String text(Path output, String file) throws IOException {
        return Files.readString(output.resolve(file));
    }

    private static Map<String, Object> ranges(String key, Object range) {
        return Map.of(key, range);
    }

    private String refused(Map<String, Object> values, TuningSettings tuning) {
        TrainingSettings settings = SearchSpace.apply(SETTINGS, values);
        List<String> begun = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void note(String sentence) {}

            @Override
            public Task start(String name, long total) {
                begun.add(name);
                return SILENT.start(name, total);
            }
        };
        String message = assertThrows(
                        FieldfareException.class, () -> tune(folder.resolve("refused"), settings, tuning, progress))
                .getMessage();
        assertEquals(List.of(), begun, "what is wrong is said before a picture is looked at");
        return message;
    }

    private static TuningSettings searching(Map<String, Object> ranges) {
        return new TuningSettings(TuningSettings.Search.RANDOM, 2, Room.FOLDS, 1, 3, 0, ranges);
    }

    /** Seven steps, each of which says something, and a model that is better than with what was there before. */
    @Test
    void fromPicturesToSettingsAndAModel() throws IOException {
        TuningReport report = first();
        assertEquals(
                List.of(1, 2, 3, 4, 5, 6, 7),
                report.steps().stream().map(Step::number).toList());
        report.steps().forEach(step -> assertFalse(step.findings().isEmpty(), step.name()));
        TuningReport.Best best = report.best();
        assertTrue(best.validationLoss() < best.validationLossBefore(), best.toString());
        assertTrue(best.settings().containsKey("regularization.l2"), best.toString());
        assertEquals(16, best.images());
        assertEquals((best.right() - best.rightBefore()) / 16.0, best.difference(), 1e-12);
        assertTrue(best.interval().low() <= best.difference()
                && best.difference() <= best.interval().high());
        assertTrue(report.training().promoted());
        assertEquals(best.images(), report.training().test().images());

        List<String> trials = text(whole, TuningFiles.TRIALS).lines().toList();
        assertEquals(1 + report.trials().size(), trials.size());
        assertTrue(trials.getFirst().startsWith("candidate,phase,effort,loss,accuracy,seconds,"), trials.getFirst());
        JsonNode json = JsonMapper.builder().build().readTree(text(whole, "tuning.json"));
        assertEquals(7, json.get("steps").size());
        assertEquals(report.trials().size(), json.get("trials").size());
        assertEquals(best.right(), json.get("best").get("right").asInt());

        whatCameOutRetrainsToTheSameModel(report);
    }

    /** The fragment is what {@code retrain -c} takes, and gives the very file that the search wrote. */
    private void whatCameOutRetrainsToTheSameModel(TuningReport report) throws IOException {
        TrainingSettings settings = StrictYaml.read(whole.resolve(TuningFiles.BEST), SETTINGS);
        report.best()
                .settings()
                .forEach((key, value) -> assertEquals(
                        value.toString(), SearchSpace.valueIn(settings, key).toString(), key));
        try (ModelStore store = ModelStore.open(folder.resolve("again"))) {
            new Retraining(TestModels.shipped(), pictures, store, settings, "test", STILL, Progress.SILENT).run();
        }
        assertArrayEquals(model(whole), model(folder.resolve("again")));
    }

    @Test
    void theSeedDecidesAndNotTheThreads() throws IOException {
        TuningReport again = tune("again", Map.of());
        assertEquals(first().trials(), again.trials());
        assertArrayEquals(model(whole), model(folder.resolve("again")));
        TuningReport two = tune("two", Map.of("threads", 2));
        assertEquals(first().trials(), two.trials());
        assertEquals(first().best(), two.best());
        assertEquals(text(whole, TuningFiles.BEST), text(folder.resolve("two"), TuningFiles.BEST));
        // The file names the settings that made it, the threads among them; all else must be the same.
        assertEquals(
                new String(model(whole), StandardCharsets.ISO_8859_1).replace("\"threads\":1", "\"threads\":2"),
                new String(model(folder.resolve("two")), StandardCharsets.ISO_8859_1));
    }

    @Test
    void anotherSeedIsAnotherSearch() {
        assertNotEquals(
                first().trials().get(1).values(),
                tune("other", Map.of("seed", 2)).trials().get(1).values());
    }

    /** Killed in the middle: begun again on the same folder it takes over what is in the journal, and ends the same. */
    @Test
    void whatWasKilledGoesOnWhereItWas() throws IOException {
        List<String> notes = new ArrayList<>();
        assertThrows(Killed.class, () -> tune(folder.resolve("out"), SETTINGS, TUNING, new Notes(notes, 5)));
        assertFalse(Files.exists(folder.resolve("out").resolve(ModelStore.MODEL)));
        notes.clear();
        TuningReport resumed = tune(folder.resolve("out"), SETTINGS, TUNING, new Notes(notes, Integer.MAX_VALUE));
        String taken = notes.stream()
                .filter(note -> note.endsWith("trials of an interrupted search of the same are taken over"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(notes.toString()));
        int count = Integer.parseInt(taken.substring(0, taken.indexOf(' ')));
        assertTrue(count >= 5 && count < first().trials().size(), taken);
        assertEquals(first().trials(), resumed.trials());
        assertEquals(first().best(), resumed.best());
        assertArrayEquals(model(whole), model(folder.resolve("out")));
    }

    /** Of other settings nothing is taken over. */
    @Test
    void anotherSearchInTheSameFolderBeginsAnew() {
        assertThrows(
                Killed.class, () -> tune(folder.resolve("out"), SETTINGS, TUNING, new Notes(new ArrayList<>(), 3)));
        List<String> notes = new ArrayList<>();
        TrainingSettings other = SearchSpace.apply(SETTINGS, Map.of("seed", 2));
        assertThrows(Killed.class, () -> tune(folder.resolve("out"), other, TUNING, new Notes(notes, 3)));
        assertTrue(notes.stream().noneMatch(note -> note.contains("are taken over")), notes.toString());
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Throws at the note of the trial after so many. */
    private record Notes(List<String> all, int trials) implements Progress {
        @Override
        public Task start(String name, long total) {
            return (done, detail) -> {};
        }

        @Override
        public void note(String sentence) {
            all.add(sentence);
            // The row of a trial begins with its number.
            if (all.stream()
                            .filter(note -> note.matches(" +\\d+ {2}(coarse|refine|simplify).*"))
                            .count()
                    > trials) {
                throw new Killed();
            }
        }
    }

    @Test
    void heldBackPicturesAreInNoFold() {
        try (Room room = Room.open(TestModels.shipped(), pictures, folder.resolve("out"))) {
            Set<Integer> all = new HashSet<>();
            for (int repeat = 0; repeat < 3; repeat++) {
                for (Fold fold : room.bench.folds(5, new Seed(1), repeat)) {
                    all.addAll(IntStream.concat(Arrays.stream(fold.train()), Arrays.stream(fold.validation()))
                            .boxed()
                            .collect(Collectors.toSet()));
                }
            }
            assertEquals(Arrays.stream(room.bench.development()).boxed().collect(Collectors.toSet()), all);
            assertEquals(80 - 16, all.size());
            assertEquals(16, room.bench.heldBack());
        }
    }

    @Test
    void aRangeOfWhatIsNoSettingIsRefused() {
        assertEquals(
                "ranges.optimizer.learningrate: there is no such setting of a retraining; its keys are in the training"
                        + " guide, such as optimizer.learningRate",
                refused(Map.of(), searching(ranges("optimizer.learningrate", List.of(0.1)))));
    }

    @ParameterizedTest
    @CsvSource({
        "split.test, all trials are measured on the same pictures",
        "seed, a seed that does well has had luck",
        "batch, the memory plan is made for one batch size",
        "augment.strengths.crop, 'the pictures are looked at once, for all trials'",
        "ensemble.members, settings are searched for one network"
    })
    void whatMustBeTheSameForAllTrialsIsRefused(String key, String why) {
        String message = refused(Map.of(), searching(ranges(key, List.of(1, 2))));
        assertTrue(message.startsWith("ranges." + key + " cannot be searched: " + why), message);
    }

    @Test
    void aValueThatNoSettingMayHaveIsRefused() {
        String message = refused(Map.of(), searching(ranges("noise.dropout", Map.of("from", 0.5, "to", 1.5))));
        assertTrue(message.contains("noise.dropout") && message.contains("1.5"), message);
    }

    @Test
    void aBudgetThatIsTooSmallIsRefused() {
        String message = refused(Map.of("budget", "8M"), TUNING);
        assertTrue(message.contains("8"), message);
        assertTrue(message.contains("budget") || message.contains("memory"), message);
    }

    @Test
    void anEnsembleIsRefused() {
        String message = refused(Map.of("ensemble.members", 2), TUNING);
        assertTrue(message.startsWith("ensemble.members: settings are searched for one network"), message);
    }

    @ParameterizedTest
    @CsvSource({"trials, -1", "folds, 1", "folds, 21", "repeats, 0", "halving, 0", "rounds, 21"})
    void aSearchOutOfItsRangesIsRefused(String key, int value) {
        String message = assertThrows(
                        FieldfareException.class,
                        () -> StrictYaml.parse(key + ": " + value, TuningSettings.DEFAULT, "tune.yaml"))
                .getMessage();
        assertTrue(message.contains(key + " must be from ") && message.contains("not " + value), message);
    }
}

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any number of trainings on pictures that are looked at once. */
class WorkbenchTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: blocks:1
        epochs: 6
        threads: 2
        average: none
        calibrate: false
        augment: {views: 1}
        split: {by: picture, validation: 0.2, test: 0.3}
        """, TrainingSettings.DEFAULT, "test");

    @TempDir
    static Path data;

    @TempDir
    static Path folder;

    private static @Nullable ModelStore store;
    private static @Nullable Workbench shared;

    @BeforeAll
    static void open() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 12);
        store = ModelStore.open(folder);
        shared = Workbench.open(
                TestModels.shipped(),
                data,
                store,
                SETTINGS,
                Optional.empty(),
                0,
                InstantSource.system(),
                Progress.SILENT);
    }

    @AfterAll
    static void close() {
        if (shared != null) {
            shared.close();
        }
        if (store != null) {
            store.close();
        }
    }

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    private static Workbench bench() {
        return Objects.requireNonNull(shared);
    }

    private static TrainingSettings with(Map<String, ?> values) {
        return StrictYaml.override(SETTINGS, values, "test");
    }

    private static List<Fold> folds() {
        return bench().folds(3, new Seed(1), 0);
    }

    @Test
    void whatIsOnIt() {
        assertEquals(SimulatedPictures.LABELS, bench().labels());
        assertEquals(36 - 12, bench().development().length);
        assertEquals(12, bench().heldBack());
        assertEquals(1, bench().views());
        assertEquals(128, bench().width());
        assertEquals("blocks:1", bench().deepest());
        for (int picture : bench().development()) {
            assertEquals(
                    SimulatedPictures.LABELS.get(bench().label(picture)),
                    String.valueOf(bench().file(picture).getParent().getFileName()));
            assertEquals(128, bench().features(picture).length);
        }
    }

    /** An attempt depends on its settings and its fold, and on nothing that was tried before or beside it. */
    @Test
    void attemptsAreTheSameAloneAndSideBySide() {
        List<TrainingSettings> all = Stream.of("last", "blocks:1")
                .flatMap(train -> Stream.of(1L, 2L).map(seed -> with(Map.of("train", train, "seed", seed))))
                .toList();
        Fold fold = folds().getFirst();
        List<Attempt> alone =
                all.stream().map(settings -> bench().attempt(settings, fold)).toList();
        try (Workers workers = new Workers(4)) {
            List<Attempt> beside = workers.all(all.stream()
                    .<Callable<Attempt>>map(settings -> () -> bench().attempt(settings, fold))
                    .toList());
            for (int i = 0; i < all.size(); i++) {
                assertEquals(losses(alone.get(i)), losses(beside.get(i)));
                assertArrayEquals(
                        alone.get(i).answers().ofTruth(),
                        beside.get(i).answers().ofTruth());
            }
        }
        assertFalse(losses(alone.get(0)).equals(losses(alone.get(1))), "the seed counts");
        assertFalse(losses(alone.get(0)).equals(losses(alone.get(2))), "the depth counts");
    }

    private static List<Double> losses(Attempt attempt) {
        return attempt.epochs().stream()
                .flatMap(epoch -> Stream.of(epoch.trainLoss(), epoch.validationLoss()))
                .toList();
    }

    /** Deep networks are surer than they should be before they have learnt: their epochs are compared calibrated. */
    @Test
    void epochsOfDeeperLayersAreMeasuredCalibrated() {
        TrainingSettings settings = with(Map.of("train", "blocks:1", "epochs", 3));
        Attempt attempt = bench().attempt(settings, folds().getFirst());
        assertEquals(attempt.answers().loss(), attempt.epochs().getLast().validationLoss(), 1e-9);
    }

    /** No early stopping, and the answers are those of the last epoch, on the measuring pictures in their order. */
    @Test
    void anAttemptTakesAllItsEpochs() {
        TrainingSettings settings = with(Map.of("train", "last", "epochs", 40, "earlyStopping", Map.of("patience", 1)));
        Fold fold = folds().getFirst();
        Attempt attempt = bench().attempt(settings, fold);
        assertEquals(40, attempt.epochs().size());
        assertArrayEquals(
                IntStream.of(fold.validation()).map(bench()::label).toArray(),
                attempt.answers().truth());
        // Calibrated: not what the loss was, but no other class is the most probable.
        assertNotEquals(
                attempt.epochs().getLast().validationLoss(), attempt.answers().loss(), 1e-6);
        assertEquals(
                attempt.epochs().getLast().validationAccuracy(),
                (double) attempt.answers().right() / fold.validation().length,
                1e-9);
    }

    @Test
    void whatDivergesIsNoError() {
        TrainingSettings settings = with(Map.of(
                "train",
                "last",
                "epochs",
                40,
                "optimizer",
                Map.of("name", "sgd", "learningRate", 100),
                "regularization",
                Map.of("l2", 100)));
        Attempt attempt = bench().attempt(settings, folds().getFirst());
        assertTrue(attempt.diverged());
        assertEquals(List.of(), attempt.epochs());
    }

    @Test
    void deeperThanWhatWasLookedAtIsRefused() {
        String message = assertThrows(
                        FieldfareException.class,
                        () -> bench().attempt(with(Map.of("train", "blocks:2")), folds().getFirst()))
                .getMessage();
        assertTrue(
                message.startsWith(
                        "train: blocks:2 is deeper than blocks:1, which is what the pictures were looked at"),
                message);
    }

    /** What is rehearsed is what a retraining would write: the same answers on the held-back pictures. */
    @Test
    void aRehearsalIsWhatARetrainingComesTo() throws IOException {
        for (String train : List.of("last", "blocks:1")) {
            TrainingSettings settings = with(Map.of("train", train));
            Rehearsal rehearsal = bench().rehearse(settings, Optional.empty());
            TrainingReport report;
            Path own = Files.createDirectories(folder.resolve("own-" + train.charAt(0)));
            try (ModelStore other = ModelStore.open(own)) {
                report = new Retraining(
                                TestModels.shipped(),
                                data,
                                other,
                                settings,
                                "test",
                                InstantSource.system(),
                                Progress.SILENT)
                        .run();
            }
            assertEquals(report.epochs().size(), rehearsal.trained().epochs().size(), train);
            assertEquals(report.test().right(), rehearsal.heldBack().right(), train);
            assertEquals(report.test().loss(), rehearsal.heldBack().loss(), 1e-4, train);
        }
    }

    @Test
    void anEnsembleIsNotRehearsed() {
        TrainingSettings two = with(Map.of("ensemble", Map.of("members", 2)));
        assertThrows(IllegalArgumentException.class, () -> bench().rehearse(two, Optional.empty()));
    }
}

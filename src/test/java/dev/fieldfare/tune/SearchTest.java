package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TestModels;
import dev.fieldfare.train.TrainingSettings;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Search}: who is faster decides nothing. */
class SearchTest {
    /** Any trial may take any time, another one in every run: by the clock that it looks at before and after. */
    private static final InstantSource UNEVEN = () -> {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(20_000_000));
        return Instant.EPOCH;
    };

    @TempDir
    Path folder;

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    private static List<Trial> search(Room room, TuningSettings tuning, DoublePredicate hasTime) {
        TrainingSettings base = room.base(Map.of("epochs", 9));
        SearchSpace space = new SearchSpace(Map.of(
                "optimizer.learningRate", new Range.Interval(1e-4, 1, Range.Scale.LOG, false),
                "regularization.l2", new Range.Interval(1e-4, 1, Range.Scale.LOG, false)));
        return new CoarseSearch(tuning, base, Map.of("last", space), room.laboratory(base, UNEVEN))
                .run(room.workers, room.ended::add, hasTime);
    }

    private static TuningSettings tuning(TuningSettings.Search search, int trials) {
        return new TuningSettings(search, trials, Room.FOLDS, 1, 3, 3, Map.of());
    }

    @ParameterizedTest
    @EnumSource
    void theNumberOfWorkersAndTheirSpeedChangeNothing(TuningSettings.Search kind) {
        Path pictures = Shapes.write(folder.resolve("pictures"), 10, 0.3);
        List<List<Trial>> runs = new ArrayList<>();
        for (int workers : new int[] {1, 4, 4}) {
            try (Room room = Room.open(TestModels.shipped(), pictures, folder.resolve("out" + runs.size()), workers)) {
                List<Trial> trials = search(room, tuning(kind, 16), Room.ALWAYS);
                assertEquals(trials, room.ended);
                runs.add(trials);
            }
        }
        assertEquals(runs.get(0), runs.get(1), "one worker and four");
        assertEquals(runs.get(1), runs.get(2), "four, twice");
        List<Trial> trials = runs.getFirst();
        assertEquals(17, trials.stream().map(Trial::candidate).distinct().count());
        assertTrue(trials.size() > 17, "some went on");
        assertEquals(
                List.of(1.0 / 9, 1.0 / 3, 1.0),
                trials.stream()
                        .filter(trial -> trial.candidate() == 0)
                        .map(Trial::effort)
                        .toList(),
                "what was there before goes to the end");
        assertTrue(
                IntStream.of(3, 1)
                        .allMatch(epochs -> trials.stream()
                                .anyMatch(trial -> trial.trainLosses().size() == epochs)),
                "a third and a ninth of nine epochs");
    }

    /** Only the end may come by the clock: what was begun is finished, and is as it would have been. */
    @Test
    void aSearchThatEndsEarlyIsTheBeginningOfALongerOne() {
        Path pictures = Shapes.write(folder.resolve("pictures"), 10, 0.3);
        try (Room room = Room.open(TestModels.shipped(), pictures, folder.resolve("out"), 4)) {
            List<Trial> whole = search(room, tuning(TuningSettings.Search.RANDOM, 16), Room.ALWAYS);
            int[] asked = {0};
            List<Trial> part = search(room, tuning(TuningSettings.Search.RANDOM, 0), seconds -> ++asked[0] <= 9);
            assertEquals(9, part.size());
            assertEquals(whole.subList(0, 9), part);
        }
    }

    /** The first arm learns next to nothing: as soon as both have as much to show, the other is tried more. */
    @Test
    void theArmThatLearnsMoreIsTriedMore() {
        Path pictures = Shapes.write(folder.resolve("pictures"), 10, 1);
        try (Room room = Room.open(TestModels.shipped(), pictures, folder.resolve("out"), 2)) {
            TrainingSettings base = room.base(Map.of("epochs", 9));
            Search search = new Search(room.laboratory(base, UNEVEN), room.workers, List.of(1.0), room.ended::add);
            List<Search.Arm> arms = Stream.of(1e-6, 0.03)
                    .map(rate ->
                            search.new Arm(() -> Optional.of(Map.of("optimizer.learningRate", rate)), false, 1, 3, 40))
                    .toList();
            List<Boolean> second = search.run("coarse", arms, Room.ALWAYS).stream()
                    .map(trial -> trial.values().containsValue(0.03))
                    .toList();
            assertEquals(40, second.size());
            assertEquals(List.of(false, false, false, false, true), second.subList(0, 5));
            // Four are under way when the first of the second arm is known.
            assertEquals(24, second.subList(10, 40).stream().filter(is -> is).count(), second::toString);
        }
    }
}

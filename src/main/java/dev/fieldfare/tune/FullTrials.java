package dev.fieldfare.tune;

import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Trials at full length, side by side: what comes after the coarse search. */
final class FullTrials {
    private final Laboratory laboratory;
    private final Workers workers;
    private final Consumer<Trial> ended;
    private boolean takesTime;

    /** @param ended is told of every trial */
    FullTrials(Laboratory laboratory, Workers workers, Consumer<Trial> ended) {
        this.laboratory = laboratory;
        this.workers = workers;
        this.ended = ended;
    }

    /** From here on, deeper layers are measured on all folds of a round and not on two: there is time for it. */
    void takeTime() {
        takesTime = true;
    }

    String depth(Trial trial) {
        return laboratory.depth(trial.values());
    }

    /** On how many folds settings of a depth are measured. */
    int folds(String depth) {
        int folds = laboratory.allFolds(depth);
        return takesTime ? Math.max(folds, laboratory.foldsOfOneRound()) : folds;
    }

    /** The settings, each on as many folds as its depth has. */
    List<Trial> run(String phase, List<Map<String, Object>> points, List<Integer> numbers) {
        return run(
                phase,
                points,
                numbers,
                points.stream()
                        .mapToInt(point -> folds(laboratory.depth(point)))
                        .toArray());
    }

    List<Trial> run(String phase, List<Map<String, Object>> points, List<Integer> numbers, int[] folds) {
        List<Future<Trial>> started = IntStream.range(0, points.size())
                .mapToObj(i -> workers.start(() -> laboratory.run(numbers.get(i), phase, points.get(i), 1, folds[i])))
                .toList();
        List<Trial> trials = new ArrayList<>();
        for (Future<Trial> one : started) {
            Trial trial = Workers.result(one);
            ended.accept(trial);
            trials.add(trial);
        }
        return trials;
    }

    /** How long settings like those of a trial take on one thread, on as many folds as their depth has. */
    double seconds(Trial trial) {
        return secondsOfFold(trial) * folds(depth(trial));
    }

    static double secondsOfFold(Trial trial) {
        return trial.seconds()
                / (trial.effort() * Math.max(1, trial.foldLosses().size()));
    }

    /** How long work takes that so many trials share, if one thread would take so many seconds. */
    double sideBySide(double seconds, int trials) {
        return seconds / Math.max(1, Math.min(workers.count(), trials));
    }
}

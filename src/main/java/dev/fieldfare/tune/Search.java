package dev.fieldfare.tune;

import dev.fieldfare.train.Workers;
import dev.fieldfare.tune.Halving.Job;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tries many settings side by side. What is tried next is decided from the results of all trials but the latest few, in
 * the order in which they were begun, so that it does not depend on which thread was faster, nor on how many there are.
 */
final class Search {
    /** Trials that may be under way when the next is chosen; no more threads than this have work. */
    static final int AHEAD = 4;

    /** Of so many trials in turn, the last is one of a deeper arm: such a trial takes as long as many shallow ones. */
    private static final int TURN = 5;

    private final Laboratory laboratory;
    private final Workers workers;
    private final List<Double> efforts;
    private final int reduction;
    private final Consumer<Trial> ended;

    /**
     * Settings that compete with each other: those of one depth.
     *
     * @param points gives the values of the next settings, empty if there are no more
     * @param base whether the settings that were there before belong to it; they are tried first
     */
    record Arm(Supplier<Optional<Map<String, Object>>> points, boolean base) {}

    /**
     * @param efforts shares of the epochs, rising up to 1
     * @param reduction of so many settings one goes on to the next effort
     * @param ended is told of every trial
     */
    Search(Laboratory laboratory, Workers workers, List<Double> efforts, int reduction, Consumer<Trial> ended) {
        this.laboratory = laboratory;
        this.workers = workers;
        this.efforts = efforts;
        this.reduction = reduction;
        this.ended = ended;
    }

    /** What is under way. */
    private record Started(Halving arm, Job job, Future<Trial> trial) {}

    /**
     * Searches until nothing is left to try, or it is told to stop.
     *
     * @param arms the shallow one first
     * @param most how many settings, besides those that were there before
     * @return all trials, in the order in which they began
     */
    List<Trial> run(String phase, List<Arm> arms, int most, BooleanSupplier stop) {
        Map<Integer, Map<String, Object>> values = new HashMap<>();
        List<Halving> halvings = new ArrayList<>();
        int[] begun = {0};
        for (Arm arm : arms) {
            boolean[] baseDue = {arm.base()};
            halvings.add(new Halving(
                    reduction,
                    efforts.size(),
                    () -> {
                        if (baseDue[0]) {
                            baseDue[0] = false;
                            values.put(0, Map.of());
                            return Optional.of(0);
                        }
                        if (begun[0] >= most) {
                            return Optional.empty();
                        }
                        return arm.points().get().map(point -> {
                            begun[0]++;
                            values.put(begun[0], new LinkedHashMap<>(point));
                            return begun[0];
                        });
                    },
                    arm.base() ? Set.of(0) : Set.of()));
        }
        List<Started> started = new ArrayList<>();
        List<Trial> trials = new ArrayList<>();
        while (true) {
            while (trials.size() <= started.size() - AHEAD) {
                take(started.get(trials.size()), trials);
            }
            if (stop.getAsBoolean()) {
                break;
            }
            Optional<Started> next = next(halvings, started.size(), phase, values);
            if (next.isPresent()) {
                started.add(next.get());
            } else if (trials.size() < started.size()) {
                take(started.get(trials.size()), trials);
            } else {
                break;
            }
        }
        while (trials.size() < started.size()) {
            take(started.get(trials.size()), trials);
        }
        return trials;
    }

    private void take(Started one, List<Trial> trials) {
        Trial trial = Workers.result(one.trial());
        one.arm().report(one.job(), trial.loss());
        trials.add(trial);
        ended.accept(trial);
    }

    private Optional<Started> next(
            List<Halving> arms, int number, String phase, Map<Integer, Map<String, Object>> values) {
        int first = number % TURN == TURN - 1 ? arms.size() - 1 : 0;
        for (int i = 0; i < arms.size(); i++) {
            Halving arm = arms.get((first + i) % arms.size());
            Optional<Job> job = arm.next();
            if (job.isPresent()) {
                int candidate = job.get().candidate();
                double effort = efforts.get(job.get().rung());
                Map<String, Object> point = values.getOrDefault(candidate, Map.of());
                return Optional.of(new Started(
                        arm,
                        job.get(),
                        workers.start(
                                () -> laboratory.run(candidate, phase, point, effort, laboratory.foldsOfOneRound()))));
            }
        }
        return Optional.empty();
    }
}

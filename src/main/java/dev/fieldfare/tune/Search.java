package dev.fieldfare.tune;

import dev.fieldfare.train.Workers;
import dev.fieldfare.tune.Halving.Job;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Supplier;

/**
 * Tries many settings side by side. What is tried next is decided from the results of all trials but the latest few, in
 * the order in which they were begun, so that it does not depend on which thread was faster, nor on how many there are.
 * Only the end may come by the clock.
 */
final class Search {
    /** Trials that may be under way when the next is chosen; no more threads than this have work. */
    static final int AHEAD = 4;

    /** Of so many trials in turn, the last is one of the deepest arm: it takes as long as many shallow ones. */
    private static final int TURN = 5;

    private final Laboratory laboratory;
    private final Workers workers;
    private final List<Double> efforts;
    private final Consumer<Trial> ended;
    private final List<Started> started = new ArrayList<>();
    private final List<Trial> trials = new ArrayList<>();
    private int begun;

    /** What is under way. */
    private record Started(Arm arm, Job job, Future<Trial> trial) {}

    /**
     * @param efforts shares of the epochs, rising up to 1
     * @param ended is told of every trial
     */
    Search(Laboratory laboratory, Workers workers, List<Double> efforts, Consumer<Trial> ended) {
        this.laboratory = laboratory;
        this.workers = workers;
        this.efforts = efforts;
        this.ended = ended;
    }

    /** Settings that compete with each other: those of one depth. */
    final class Arm {
        private final Halving halving;
        private final int folds;
        private final Map<Integer, Map<String, Object>> values = new LinkedHashMap<>();
        private double secondsOfOne;
        private boolean over;

        /**
         * @param points gives the values of the next settings, empty if there are no more
         * @param base whether the settings that were there before belong to it; they are tried first, and to the end
         * @param folds that each is measured on
         * @param reduction of so many settings one goes on to the next effort
         * @param most how many settings all arms together may try besides those that were there before
         */
        Arm(Supplier<Optional<Map<String, Object>>> points, boolean base, int folds, int reduction, int most) {
            this.folds = folds;
            this.halving = new Halving(
                    reduction, efforts.size(), () -> fresh(points, base, most), base ? Set.of(0) : Set.of());
        }

        private Optional<Integer> fresh(Supplier<Optional<Map<String, Object>>> points, boolean base, int most) {
            if (base && !values.containsKey(0)) {
                values.put(0, Map.of());
                return Optional.of(0);
            }
            if (begun >= most) {
                return Optional.empty();
            }
            return points.get().map(point -> {
                begun++;
                values.put(begun, point);
                return begun;
            });
        }

        /** On one thread, as far as can be known from earlier trials. */
        private double seconds(Job job) {
            return secondsOfOne * efforts.get(job.rung()) * folds;
        }

        private void learn(Job job, Trial trial) {
            halving.report(job, trial.loss());
            secondsOfOne = Math.max(secondsOfOne, trial.seconds() / (efforts.get(job.rung()) * folds));
        }
    }

    /**
     * Searches until nothing is left to try, or there is no time for it.
     *
     * @param arms the shallow one first
     * @param hasTime whether there is time for a trial of so many seconds
     * @return all trials, in the order in which they began
     */
    List<Trial> run(String phase, List<Arm> arms, DoublePredicate hasTime) {
        while (true) {
            while (trials.size() <= started.size() - AHEAD) {
                take();
            }
            Optional<Started> next = next(arms, phase, hasTime);
            if (next.isPresent()) {
                started.add(next.get());
            } else if (trials.size() < started.size()) {
                take();
            } else {
                return List.copyOf(trials);
            }
        }
    }

    /** Waits for the oldest that is under way. */
    private void take() {
        Started one = started.get(trials.size());
        Trial trial = Workers.result(one.trial());
        one.arm().learn(one.job(), trial);
        trials.add(trial);
        ended.accept(trial);
    }

    private Optional<Started> next(List<Arm> arms, String phase, DoublePredicate hasTime) {
        int first = started.size() % TURN == TURN - 1 ? arms.size() - 1 : 0;
        for (int i = 0; i < arms.size(); i++) {
            Arm arm = arms.get((first + i) % arms.size());
            Optional<Job> job = arm.over ? Optional.empty() : arm.halving.next();
            if (job.isPresent() && !hasTime.test(arm.seconds(job.get()))) {
                arm.over = true;
            } else if (job.isPresent()) {
                int candidate = job.get().candidate();
                double effort = efforts.get(job.get().rung());
                Map<String, Object> values = arm.values.getOrDefault(candidate, Map.of());
                return Optional.of(new Started(
                        arm,
                        job.get(),
                        workers.start(() -> laboratory.run(candidate, phase, values, effort, arm.folds))));
            }
        }
        return Optional.empty();
    }
}

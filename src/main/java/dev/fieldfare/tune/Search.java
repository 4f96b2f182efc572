package dev.fieldfare.tune;

import dev.fieldfare.train.Workers;
import dev.fieldfare.tune.Halving.Job;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Tries many settings side by side. What is tried next is decided from the results of all trials but the latest few, in
 * the order in which they were begun, so that it does not depend on which thread was faster, nor on how many there are.
 * Only the end may come by the clock.
 */
final class Search {
    /** Trials that may be under way when the next is chosen; no more threads than this have work. */
    static final int AHEAD = 4;

    /** Of so many trials in turn, all but the last are of the leading arm. */
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
        private final double[] seconds = new double[efforts.size()];
        /** By effort. */
        private final List<Trial> best = new ArrayList<>(Collections.nCopies(efforts.size(), Trial.NONE));

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

        /**
         * On one thread, as far as can be known from earlier trials. Of shorter ones only where there is nothing better:
         * much of their time is beginning.
         */
        private double seconds(Job job) {
            for (int rung = job.rung(); rung >= 0; rung--) {
                if (seconds[rung] > 0) {
                    return seconds[rung] * efforts.get(job.rung()) / efforts.get(rung);
                }
            }
            return 0;
        }

        private void learn(Job job, Trial trial) {
            halving.report(job, trial.loss());
            seconds[job.rung()] = Math.max(seconds[job.rung()], trial.seconds());
            if (trial.loss() < best.get(job.rung()).loss()) {
                best.set(job.rung(), trial);
            }
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

    /**
     * The arm to try next: the one with the best trial, at the most effort that trials of all arms have had, on the folds
     * that all have. Before there are such, the shallow one, whose trials take little time.
     */
    private int leading(List<Arm> arms) {
        for (int rung = efforts.size() - 1; rung >= 0; rung--) {
            int same = rung;
            List<Trial> best = arms.stream().map(arm -> arm.best.get(same)).toList();
            int folds = best.stream()
                    .mapToInt(trial -> trial.foldLosses().size())
                    .min()
                    .orElse(0);
            if (folds > 0) {
                return IntStream.range(0, arms.size())
                        .boxed()
                        .min(Comparator.comparingDouble(i -> best.get(i).loss(folds)))
                        .orElse(0);
            }
        }
        return 0;
    }

    private Optional<Started> next(List<Arm> arms, String phase, DoublePredicate hasTime) {
        int first = leading(arms);
        if (started.size() % TURN == TURN - 1) {
            first += arms.size() - 1;
        }
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

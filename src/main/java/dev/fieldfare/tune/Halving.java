package dev.fieldfare.tune;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Asynchronous successive halving (Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020,
 * algorithm 2): of the settings that were tried with some effort, the best third goes on to three times as much, without
 * waiting for the rest. Decisions follow from results alone, and from the order in which they are handed in.
 */
final class Halving {
    private final int reduction;
    private final int rungs;
    private final Supplier<Optional<Integer>> fresh;
    private final Set<Integer> spared;
    private final List<Map<Integer, Double>> results = new ArrayList<>();
    private final List<Set<Integer>> given = new ArrayList<>();

    /** Try these settings on this rung, 0 for the least effort. */
    record Job(int candidate, int rung) {}

    /**
     * @param reduction of so many one goes on
     * @param rungs how many efforts there are
     * @param fresh settings that were not tried yet, empty if there are no more
     * @param spared settings that go on whatever comes of them, because others are compared with them
     */
    Halving(int reduction, int rungs, Supplier<Optional<Integer>> fresh, Set<Integer> spared) {
        this.reduction = reduction;
        this.rungs = rungs;
        this.fresh = fresh;
        this.spared = spared;
        for (int i = 0; i < rungs; i++) {
            results.add(new HashMap<>());
            given.add(new HashSet<>());
        }
    }

    /** Hands in what came of a job; lower is better, infinity is a failure. */
    void report(Job job, double loss) {
        results.get(job.rung()).put(job.candidate(), loss);
    }

    /** What to do next, from what has been reported so far; empty if all that is left waits for results. */
    Optional<Job> next() {
        for (int rung = rungs - 2; rung >= 0; rung--) {
            Optional<Integer> promoted = promotable(rung);
            if (promoted.isPresent()) {
                given.get(rung + 1).add(promoted.get());
                return Optional.of(new Job(promoted.get(), rung + 1));
            }
        }
        return fresh.get().map(candidate -> new Job(candidate, 0));
    }

    private Optional<Integer> promotable(int rung) {
        List<Map.Entry<Integer, Double>> best =
                new ArrayList<>(results.get(rung).entrySet());
        best.sort(Map.Entry.<Integer, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        int go = best.size() / reduction;
        List<Integer> able = new ArrayList<>();
        for (int i = 0; i < best.size(); i++) {
            int candidate = best.get(i).getKey();
            boolean failed = Double.isInfinite(best.get(i).getValue());
            if (i < go && !failed || spared.contains(candidate)) {
                able.add(candidate);
            }
        }
        able.removeAll(given.get(rung + 1));
        return able.stream().findFirst();
    }
}

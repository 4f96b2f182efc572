package dev.fieldfare.tune;

import dev.fieldfare.train.Progress;
import dev.fieldfare.train.Rehearsal;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The two trainings after a search: with the settings that were there before, and with the best or, where the old ones are
 * kept, with the best of the others. Both are measured on pictures that no trial saw.
 */
final class LastTrainings {
    /** A trial has one thread, the last trainings have all of them: how much each then does of what one alone does. */
    private static final double PARALLEL = 0.8;

    private final Workbench bench;
    private final Laboratory laboratory;
    private final TrainingSettings asked;
    private final TrainingSettings base;
    private final Progress progress;

    /**
     * What came of them.
     *
     * @param settings that were chosen, whole
     * @param rehearsal of the training with these
     */
    record Measured(TrainingSettings settings, Rehearsal rehearsal, TuningReport.Best gain) {}

    /**
     * @param asked settings that the search began with
     * @param base the same with every value said
     */
    LastTrainings(
            Workbench bench, Laboratory laboratory, TrainingSettings asked, TrainingSettings base, Progress progress) {
        this.bench = bench;
        this.laboratory = laboratory;
        this.asked = asked;
        this.base = base;
        this.progress = progress;
    }

    /**
     * How long they take: with the settings that were there before and with the best, each to say when to stop and once more on all. As the
     * longest of the trials that came furthest says: short ones are mostly beginning.
     */
    double seconds(List<Trial> coarse) {
        List<Trial> asDeep = coarse.stream()
                .filter(trial -> laboratory.depth(trial.values()).equals(laboratory.depth(Map.of())))
                .filter(trial -> !trial.diverged())
                .toList();
        double furthest = asDeep.stream().mapToDouble(Trial::effort).max().orElse(1);
        double ofOneThread = asDeep.stream()
                .filter(trial -> trial.effort() == furthest)
                .mapToDouble(trial ->
                        trial.seconds() / (furthest * trial.foldLosses().size()))
                .max()
                .orElse(0);
        return 2 * 2 * ofOneThread / Math.max(1, PARALLEL * asked.effectiveThreads());
    }

    /**
     * What the old settings are to be compared with where they are kept: the best that was found, or, where nothing came as
     * far as they did, what did best for the few epochs that all as deep were given.
     */
    Optional<Trial> other(Trial found, List<Trial> coarse) {
        if (found.candidate() != 0) {
            return Optional.of(found);
        }
        return coarse.stream()
                .filter(trial -> trial.candidate() != 0 && !trial.diverged())
                .filter(trial -> laboratory.depth(trial.values()).equals(laboratory.depth(Map.of())))
                .min(Comparator.comparingDouble(Trial::effort).thenComparingDouble(Trial::loss))
                .map(Trial::inFull);
    }

    /**
     * Trains and measures.
     *
     * @param other what the old settings are compared with where they are kept
     * @param hasTime whether there is time for that, asked when all else is done: early stopping may have saved some
     */
    Measured measure(Refinement.Result refined, Optional<Trial> other, BooleanSupplier hasTime) {
        TrainingSettings old = SearchSpace.apply(asked, Map.of("train", base.train(), "minutes", 0));
        Map<String, Object> values = values(refined.chosen());
        String beside = values.isEmpty()
                ? other.map(trial -> ", and if there is time with the best of the others,")
                        .orElse("")
                : ", and with the best,";
        progress.note("training with the settings that were there before" + beside + " to measure on "
                + bench.heldBack() + " pictures that no trial saw");
        Rehearsal before = bench.rehearse(old, Optional.empty());
        TrainingSettings best = SearchSpace.apply(old, values);
        Rehearsal after = values.isEmpty() ? before : bench.rehearse(best, Optional.empty());
        TuningReport.@Nullable RunnerUp runnerUp = other.filter(trial -> hasTime.getAsBoolean())
                .map(trial -> runnerUp(old, trial, before))
                .orElse(null);
        return new Measured(
                best,
                after,
                TuningReport.Best.of(
                        values, refined.chosen(), refined.before(), before.heldBack(), after.heldBack(), runnerUp));
    }

    private TuningReport.RunnerUp runnerUp(TrainingSettings old, Trial trial, Rehearsal before) {
        Map<String, Object> values = values(trial);
        Rehearsal rehearsal = bench.rehearse(SearchSpace.apply(old, values), Optional.empty());
        return TuningReport.RunnerUp.of(values, trial, before.heldBack(), rehearsal.heldBack());
    }

    /** What is to be said of a trial's settings so that a retraining does as the trial did; nothing of the old ones. */
    private Map<String, Object> values(Trial trial) {
        Map<String, Object> values = new LinkedHashMap<>(trial.values());
        if (!values.isEmpty()) {
            values.putIfAbsent("train", base.train());
            values.putAll(asTried(trial, SearchSpace.apply(base, trial.values())));
        }
        return values;
    }

    /** Trials were trained to their end, and as long as their effort says: so is what was found by them. */
    private static Map<String, Object> asTried(Trial chosen, TrainingSettings settings) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("earlyStopping.patience", 0);
        values.put("earlyStopping.weights", "LAST");
        if (chosen.effort() < 1) {
            values.putAll(Laboratory.shorter(settings, chosen.effort()));
        }
        return values;
    }
}

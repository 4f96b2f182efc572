package dev.fieldfare.tune;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.TrainingReport.Epoch;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Where settings are tried: on the features that the frozen network made once, by cross-validation. Several threads may
 * try at once.
 */
final class Laboratory {
    private final Workbench bench;
    private final TrainingSettings base;
    private final Journal journal;
    private final InstantSource clock;
    private final List<Fold> folds = new ArrayList<>();
    private final int foldsOfOneRound;

    /**
     * @param base settings that all others differ from by what is tried
     * @param repeats how often the pictures are divided anew
     */
    Laboratory(Workbench bench, TrainingSettings base, int folds, int repeats, Journal journal, InstantSource clock) {
        this.bench = bench;
        this.base = base;
        this.journal = journal;
        this.clock = clock;
        Seed seed = new Seed(base.seed());
        for (int repeat = 0; repeat < repeats; repeat++) {
            this.folds.addAll(bench.folds(folds, seed, repeat));
        }
        this.foldsOfOneRound = this.folds.size() / repeats;
    }

    int foldsOfOneRound() {
        return foldsOfOneRound;
    }

    /** On how many folds the coarse search measures: deeper layers take long, and one has to do. */
    int folds(String depth) {
        return depth.equals("last") ? foldsOfOneRound : 1;
    }

    /** On how many folds what has come far is measured. */
    int allFolds(String depth) {
        return depth.equals("last") ? folds.size() : Math.min(2, foldsOfOneRound);
    }

    /** What of the network is trained by values. */
    String depth(Map<String, Object> values) {
        return String.valueOf(values.getOrDefault("train", base.train()));
    }

    /**
     * Tries settings, unless the journal knows what comes of it.
     *
     * @param effort share of the epochs
     * @param count how many folds
     */
    Trial run(int candidate, String phase, Map<String, Object> values, double effort, int count) {
        Optional<Trial> known = journal.find(candidate, phase, effort, count);
        if (known.isPresent()) {
            return known.get();
        }
        Instant start = clock.instant();
        TrainingSettings settings = settings(values, effort);
        List<List<Epoch>> courses = new ArrayList<>();
        List<PictureLosses> losses = new ArrayList<>();
        for (Fold fold : folds.subList(0, count)) {
            Attempt attempt = bench.attempt(settings, fold);
            if (attempt.diverged()) {
                courses.clear();
                losses.clear();
                break;
            }
            courses.add(attempt.epochs());
            losses.add(PictureLosses.of(attempt.answers()));
        }
        Trial trial = new Trial(
                candidate,
                phase,
                values,
                effort,
                losses.stream().map(PictureLosses::mean).toList(),
                losses,
                courses.stream()
                        .map(course -> course.getLast().validationAccuracy())
                        .toList(),
                means(courses, Epoch::trainLoss),
                means(courses, Epoch::validationLoss),
                courses.stream()
                        .mapToDouble(course -> course.getLast().trainAccuracy())
                        .average()
                        .orElse(0),
                Duration.between(start, clock.instant()).toNanos() / 1e9);
        journal.add(trial, count);
        return trial;
    }

    private TrainingSettings settings(Map<String, Object> values, double effort) {
        TrainingSettings whole = SearchSpace.apply(base, values);
        return SearchSpace.apply(whole, shorter(whole, effort));
    }

    /** A share of the epochs that settings mean, at least one. */
    static Map<String, Object> shorter(TrainingSettings settings, double effort) {
        int deeper = settings.suffix().effectiveEpochs(settings.epochs());
        return Map.of(
                "epochs", Math.max(1, Math.round(effort * settings.epochs())),
                "suffix.epochs", Math.max(1, Math.round(effort * deeper)));
    }

    private static List<Double> means(List<List<Epoch>> courses, ToDoubleFunction<Epoch> of) {
        List<Double> means = new ArrayList<>();
        int epochs = courses.stream().mapToInt(List::size).min().orElse(0);
        for (int epoch = 0; epoch < epochs; epoch++) {
            double sum = 0;
            for (List<Epoch> course : courses) {
                sum += of.applyAsDouble(course.get(epoch));
            }
            means.add(sum / courses.size());
        }
        return means;
    }
}

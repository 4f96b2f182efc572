package dev.fieldfare.tune;

import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.TrainingReport;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Which learning rates make the loss go down: for each of many, training of the last layer begins anew and takes about
 * a hundred steps.
 *
 * @param tried in rising order
 * @param startLoss before the first step
 * @param from the lowest rate with which the loss falls by a quarter as much as with the best
 * @param to the highest with which it falls by half as much
 */
record RangeTest(List<Tried> tried, double startLoss, double from, double to) {
    private static final int STEPS = 100;
    private static final int PICTURES = 320;
    private static final double LOWEST = 1e-5;
    private static final int POINTS = 13;
    private static final double LEAST_SHARE = 0.25;
    private static final double MOST_SHARE = 0.5;

    /**
     * A learning rate.
     *
     * @param loss the mean training loss in the last epoch; not finite where training diverged
     * @param highest the highest of any epoch
     */
    record Tried(double rate, double loss, double highest) {}

    /**
     * Tries.
     *
     * @param settings whose optimizer is meant
     * @param fold whose training pictures are used
     */
    static RangeTest run(Workbench bench, TrainingSettings settings, Fold fold, Workers workers) {
        int[] some = Pictures.some(bench, fold.train(), PICTURES);
        Fold byHeart = Fold.byHeart(some);
        int epochs = Math.max(2, STEPS * settings.batch() / some.length);
        List<Callable<Tried>> jobs = new ArrayList<>();
        for (int i = 0; i < POINTS; i++) {
            double rate = LOWEST * Math.pow(10, i / 2.0);
            TrainingSettings own = SearchSpace.apply(
                    settings,
                    Map.of("optimizer.learningRate", rate, "epochs", epochs, "train", "last", "augment.views", 0));
            jobs.add(() -> {
                Attempt attempt = bench.attempt(own, byHeart);
                return attempt.diverged()
                        ? new Tried(rate, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY)
                        : new Tried(
                                rate,
                                attempt.epochs().getLast().trainLoss(),
                                attempt.epochs().stream()
                                        .mapToDouble(TrainingReport.Epoch::trainLoss)
                                        .max()
                                        .orElseThrow());
            });
        }
        return of(workers.all(jobs), Math.log(bench.labels().size()));
    }

    static RangeTest of(List<Tried> tried, double startLoss) {
        double lowest = tried.stream()
                .filter(one -> one.highest() <= startLoss)
                .mapToDouble(Tried::loss)
                .min()
                .orElse(startLoss);
        double drop = startLoss - lowest;
        double from = Double.NaN;
        double to = Double.NaN;
        for (Tried one : tried) {
            // What first throws the loss up is too large a step, even if the falling rate mends it in the end.
            double own = one.highest() > startLoss ? Double.NEGATIVE_INFINITY : startLoss - one.loss();
            if (own >= LEAST_SHARE * drop && drop > 0 && Double.isNaN(from)) {
                from = one.rate();
            }
            if (own >= MOST_SHARE * drop && drop > 0) {
                to = one.rate();
            }
        }
        return new RangeTest(List.copyOf(tried), startLoss, from, to);
    }

    /** Whether some rate makes the loss go down. */
    boolean found() {
        return !Double.isNaN(from) && !Double.isNaN(to);
    }

    /** What is to be said of it, and of the rate that was asked for. */
    List<Finding> findings(double asked) {
        if (!found()) {
            return List.of(Finding.problem(String.format(
                    Locale.ROOT,
                    "no learning rate from %.0e to %.0e makes the loss go down from %.3f within %d steps; look at the"
                            + " pictures and at normalize in the model's card",
                    tried.getFirst().rate(),
                    tried.getLast().rate(),
                    startLoss,
                    STEPS)));
        }
        List<Finding> findings = new ArrayList<>();
        double lowest = tried.stream().mapToDouble(Tried::loss).min().orElse(startLoss);
        findings.add(Finding.good(String.format(
                Locale.ROOT,
                "learning rates from %.2g to %.2g make the loss go down, from %.3f to %.3f at best within %d steps",
                from,
                to,
                startLoss,
                lowest,
                STEPS)));
        if (asked > to) {
            findings.add(Finding.warning(String.format(
                    Locale.ROOT,
                    "the learning rate of the settings, %.3g, is %.0f times higher than the highest of these; the"
                            + " search leaves it behind",
                    asked,
                    asked / to)));
        } else if (asked < from) {
            findings.add(Finding.warning(String.format(
                    Locale.ROOT,
                    "the learning rate of the settings, %.3g, is %.0f times lower than the lowest of these; the search"
                            + " leaves it behind",
                    asked,
                    from / asked)));
        }
        return findings;
    }
}

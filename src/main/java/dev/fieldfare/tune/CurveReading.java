package dev.fieldfare.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The sixth step: what the loss curves of a training say, by rules that are stated here and in the report. All are of
 * means over folds.
 */
final class CurveReading {
    /** Of the guessing loss: more than that of the training loss left at the end is underfitting. */
    static final double UNDERFIT = 0.5;

    /** A validation loss that ended so much above its lowest has been overfitted. */
    static final double OVERFIT = 1.05;

    /** So much worse on pictures that did not train, in shares of pictures, is a gap. */
    static final double GAP = 0.1;

    /** A training loss that rises in more than this share of the epochs of the first half is restless. */
    static final double RESTLESS = 0.3;

    /**
     * A loss of whose fall more than this share came in the second half of the epochs was not done: the cosine leaves that
     * half little to move by, a fifth to a quarter of the way of a loss that only follows the rate.
     */
    static final double UNFINISHED = 0.15;

    /** A standard error of the accuracy, over the folds, above which validation is noisy. */
    static final double NOISY = 0.03;

    private final Trial trial;
    private final double guessing;
    private final List<Double> train;
    private final List<Double> validation;

    private CurveReading(Trial trial, int classes) {
        this.trial = trial;
        this.guessing = Math.log(classes);
        this.train = trial.trainLosses();
        this.validation = trial.validationLosses();
    }

    static List<Finding> of(Trial trial, int classes) {
        return trial.diverged()
                ? List.of(Finding.problem("training diverged: the learning rate is too high"))
                : new CurveReading(trial, classes).read();
    }

    private List<Finding> read() {
        List<Finding> findings = new ArrayList<>();
        boolean tooHigh = isRestless();
        boolean tooLow = !tooHigh && isUnfinished() && train.getLast() > UNDERFIT * guessing;
        if (tooHigh) {
            findings.add(Finding.warning("the learning rate looks too high: the training loss rose in more than "
                    + percent(RESTLESS) + " of the epochs of the first half"));
        }
        if (tooLow) {
            findings.add(Finding.warning(String.format(
                    Locale.ROOT,
                    "the learning rate looks too low, or the epochs too few: the training loss came down to %.3f only,"
                            + " and more than %s of its fall was still to come in the second half of the epochs",
                    train.getLast(),
                    percent(UNFINISHED))));
        } else if (!tooHigh && train.getLast() > UNDERFIT * guessing) {
            findings.add(Finding.warning(String.format(
                    Locale.ROOT,
                    "underfitting: the training loss came down to %.3f only, of %.3f for guessing; train deeper layers"
                            + " (--train blocks:K), with less dropout and smaller penalties",
                    train.getLast(),
                    guessing)));
        }
        double lowest =
                validation.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double gap = trial.trainAccuracy() - trial.accuracy();
        if (validation.getLast() > OVERFIT * lowest && validation.size() > 2) {
            findings.add(Finding.warning(String.format(
                    Locale.ROOT,
                    "overfitting: the validation loss rose from %.3f in epoch %d to %.3f at the end; fewer epochs, more"
                            + " dropout, larger penalties or more pictures would help",
                    lowest,
                    validation.indexOf(lowest) + 1,
                    validation.getLast())));
        } else if (gap > GAP) {
            findings.add(Finding.note(String.format(
                    Locale.ROOT,
                    "a gap: %.0f %% right on what it trained on, %.0f %% on what it did not; more pictures would help"
                            + " most",
                    100 * trial.trainAccuracy(),
                    100 * trial.accuracy())));
        }
        double error = standardError(trial.foldAccuracies());
        if (error > NOISY) {
            findings.add(Finding.note(String.format(
                    Locale.ROOT,
                    "validation is noisy: the accuracy differs by %.1f points (standard error) from fold to fold; with"
                            + " more pictures the search could tell finer differences",
                    100 * error)));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.good(String.format(
                    Locale.ROOT,
                    "the curves are as they should be: training loss %.3f, validation loss %.3f at the end, its lowest"
                            + " %.3f",
                    train.getLast(),
                    validation.getLast(),
                    lowest)));
        }
        return findings;
    }

    private boolean isRestless() {
        int half = train.size() / 2;
        int rises = 0;
        for (int epoch = 1; epoch < half; epoch++) {
            rises += train.get(epoch) > train.get(epoch - 1) * (1 + 1e-6) ? 1 : 0;
        }
        return half > 2 && rises > RESTLESS * (half - 1);
    }

    private boolean isUnfinished() {
        double fall = train.getFirst() - train.getLast();
        double late = train.get((train.size() - 1) / 2) - train.getLast();
        return fall > 0 && late > UNFINISHED * fall;
    }

    private static double standardError(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        int n = values.size();
        return n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }
}

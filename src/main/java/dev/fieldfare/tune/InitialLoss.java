package dev.fieldfare.tune;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The first step: before anything is learnt, every label is as likely as any other, and the loss is the logarithm of
 * their number. It stays that with class weights, whose mean over the pictures is 1.
 */
final class InitialLoss {
    /** A rate at which nothing moves. */
    private static final double STANDSTILL = 1e-12;

    private static final double TOLERANCE = 0.01;
    private static final int PICTURES = 200;

    private InitialLoss() {}

    static List<Finding> check(Workbench bench, TrainingSettings settings) {
        List<Finding> findings = new ArrayList<>();
        int[] pictures = bench.development();
        double expected = Math.log(bench.labels().size());
        TrainingSettings still = SearchSpace.apply(
                Neutral.of(settings),
                Map.of("optimizer.learningRate", STANDSTILL, "optimizer.warmUpEpochs", 0, "epochs", 1));
        Attempt attempt = bench.attempt(still, Fold.byHeart(pictures));
        if (attempt.diverged()) {
            findings.add(Finding.problem("the initial loss is not a number: the frozen network makes infinities or no"
                    + " numbers of these pictures. Most often its input is not what it expects: check normalize, colour"
                    + " and size in the model's card"));
            return findings;
        }
        double loss = attempt.epochs().getFirst().trainLoss();
        String figures = String.format(
                Locale.ROOT,
                "%.4f; with %d labels it should be log(%2$d) = %.4f",
                loss,
                bench.labels().size(),
                expected);
        findings.add(
                Math.abs(loss - expected) <= TOLERANCE * expected
                        ? Finding.good("the initial loss is " + figures)
                        : Finding.problem("the initial loss is " + figures
                                + "; training does not begin where it should, which is an error of the program or of"
                                + " the model file"));
        bench.modelInUse(Pictures.some(bench, pictures, PICTURES), settings.effectiveThreads())
                .ifPresent(evaluation -> findings.add(ofModelInUse(evaluation, expected)));
        return findings;
    }

    /** A model that knows these labels must do better than guessing. */
    static Finding ofModelInUse(Evaluation evaluation, double guessing) {
        String figures = String.format(
                Locale.ROOT,
                "the model that is in use knows these labels and is right on %d of %d of these pictures, with a loss of"
                        + " %.3f",
                evaluation.right(),
                evaluation.images(),
                evaluation.loss());
        return evaluation.loss() <= guessing
                ? Finding.good(figures)
                : Finding.warning(figures
                        + String.format(
                                Locale.ROOT,
                                ", which is worse than the %.3f of guessing. If the pictures are of the same kind as"
                                        + " ever, check normalize, colour and the order of labels in its card",
                                guessing));
    }
}

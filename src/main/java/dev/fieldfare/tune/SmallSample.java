package dev.fieldfare.tune;

import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;

/**
 * The second step: a few pictures must be learnt by heart. Where that fails, more pictures will not help, and the likely
 * cause is named.
 */
final class SmallSample {
    private static final int PICTURES = 40;
    private static final int EPOCHS = 200;

    /** Learning rates to try where the one that was asked for fails, as factors of it. */
    private static final double[] FACTORS = {0.1, 10, 0.01, 100, 0.001, 1000};

    /** Pictures whose features differ by less than this share of the mean difference show the same. */
    private static final double SAME = 1e-3;

    private final Workbench bench;
    private final TrainingSettings settings;
    private final int[] pictures;

    private SmallSample(Workbench bench, TrainingSettings settings) {
        this.bench = bench;
        this.settings = settings;
        this.pictures = Pictures.some(bench, bench.development(), PICTURES);
    }

    static List<Finding> check(Workbench bench, TrainingSettings settings, Workers workers) {
        return new SmallSample(bench, settings).run(workers);
    }

    private List<Finding> run(Workers workers) {
        double asked = bench.learningRate(settings);
        double accuracy = learn(asked);
        String figures = pictures.length + " pictures, " + bench.labels().size() + " labels: ";
        if (accuracy == 1) {
            return List.of(Finding.good(figures + "learnt by heart to the last"));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.problem(String.format(
                Locale.ROOT,
                "%sonly %.0f %% could be learnt by heart within %d epochs",
                figures,
                100 * accuracy,
                EPOCHS)));
        List<Callable<Double>> others = DoubleStream.of(FACTORS)
                .<Callable<Double>>mapToObj(factor -> () -> learn(factor * asked))
                .toList();
        List<Double> accuracies = workers.all(others);
        for (int i = 0; i < FACTORS.length; i++) {
            if (accuracies.get(i) == 1) {
                findings.add(Finding.warning(String.format(
                        Locale.ROOT,
                        "the likely cause is the learning rate: with %.3g instead of %.3g all are learnt",
                        FACTORS[i] * asked,
                        asked)));
                return findings;
            }
        }
        findings.add(other());
        return findings;
    }

    private double learn(double rate) {
        TrainingSettings own = SearchSpace.apply(
                Neutral.of(settings), Map.of("optimizer.learningRate", Math.min(rate, 100), "epochs", EPOCHS));
        Attempt attempt = bench.attempt(own, Fold.byHeart(pictures));
        return attempt.diverged() ? 0 : (double) attempt.answers().right() / pictures.length;
    }

    /** No learning rate helps: then it is in the features. */
    private Finding other() {
        float[][] features = new float[pictures.length][];
        for (int i = 0; i < pictures.length; i++) {
            features[i] = bench.features(pictures[i]);
        }
        double mean = 0;
        double length = 0;
        int pairs = 0;
        for (int i = 0; i < features.length; i++) {
            length += norm(features[i], null) / features.length;
            for (int j = 0; j < i; j++) {
                mean += norm(features[i], features[j]);
                pairs++;
            }
        }
        mean /= pairs;
        if (!(mean > SAME * length)) {
            return Finding.problem(
                    "the likely cause is the frozen part: it makes nearly the same of every picture, as it does where"
                        + " its input is not what it expects (check normalize, colour and size in the model's card) or"
                        + " where it was never trained; --train all trains it, too");
        }
        double same = SAME * mean;
        return contradiction(features, same)
                .orElse(Finding.problem(
                        "the likely cause is the labels, or a frozen part that erases what tells them apart: look at"
                            + " the pictures in their folders; --train blocks:1 or deeper lets earlier layers learn,"
                            + " too"));
    }

    private Optional<Finding> contradiction(float[][] features, double same) {
        for (int i = 0; i < features.length; i++) {
            for (int j = 0; j < i; j++) {
                if (bench.label(pictures[i]) != bench.label(pictures[j]) && norm(features[i], features[j]) < same) {
                    return Optional.of(Finding.problem("the likely cause is the labels: " + bench.file(pictures[j])
                            + " and " + bench.file(pictures[i])
                            + " show the same under different labels; keep the right one"));
                }
            }
        }
        return Optional.empty();
    }

    private static double norm(float[] one, float @org.jspecify.annotations.Nullable [] other) {
        double sum = 0;
        for (int f = 0; f < one.length; f++) {
            double difference = one[f] - (other == null ? 0 : other[f]);
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }
}

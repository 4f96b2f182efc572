package dev.fieldfare.tune;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.train.Answers;
import dev.fieldfare.train.Suspect;
import dev.fieldfare.train.TrainingReport;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a search found.
 *
 * @param steps the seven
 * @param trials in the order in which they began
 * @param best what was chosen, and what it gains
 * @param suspects pictures whose labels may be wrong, the surest first
 * @param training of the model with the chosen settings
 * @param seconds for everything
 */
public record TuningReport(
        List<Step> steps,
        List<Trial> trials,
        Best best,
        List<Suspect> suspects,
        TrainingReport training,
        double seconds) {
    public TuningReport {
        steps = List.copyOf(steps);
        trials = List.copyOf(trials);
        suspects = List.copyOf(suspects);
    }

    /**
     * What was chosen.
     *
     * @param settings what differs from the settings that were there before, by key; empty where they are as good
     * @param candidate number of the trial's settings
     * @param validationLoss mean over the folds
     * @param validationAccuracy likewise, 0 to 1
     * @param validationLossBefore of the settings that were there before
     * @param validationAccuracyBefore likewise
     * @param images pictures that no trial saw
     * @param right how many of them are recognized with the chosen settings, by one look
     * @param rightBefore the same with the settings that were there before
     * @param difference in accuracy, and in what interval it lies with 95 %
     * @param runnerUp the best of all others, where the settings that were there before are kept; null where there is none,
     *     or no time for its training
     */
    public record Best(
            Map<String, Object> settings,
            int candidate,
            double validationLoss,
            double validationAccuracy,
            double validationLossBefore,
            double validationAccuracyBefore,
            int images,
            int right,
            int rightBefore,
            double difference,
            Evaluation.Interval interval,
            @Nullable RunnerUp runnerUp) {
        static Best of(
                Map<String, Object> settings,
                Trial chosen,
                Trial before,
                Answers old,
                Answers young,
                @Nullable RunnerUp runnerUp) {
            Gain gain = Gain.of(old, young);
            return new Best(
                    settings,
                    chosen.candidate(),
                    chosen.loss(),
                    chosen.accuracy(),
                    before.loss(),
                    before.accuracy(),
                    old.truth().length,
                    young.right(),
                    old.right(),
                    gain.difference(),
                    gain.interval(),
                    runnerUp);
        }
    }

    /**
     * Settings that were not chosen.
     *
     * @param settings what differs from the settings that were there before, by key
     * @param candidate number of the trial's settings
     * @param right how many of the pictures that no trial saw are recognized with them, by one look
     * @param difference in accuracy to the settings that were there before, and in what interval it lies with 95 %
     */
    public record RunnerUp(
            Map<String, Object> settings, int candidate, int right, double difference, Evaluation.Interval interval) {
        static RunnerUp of(Map<String, Object> settings, Trial trial, Answers old, Answers young) {
            Gain gain = Gain.of(old, young);
            return new RunnerUp(settings, trial.candidate(), young.right(), gain.difference(), gain.interval());
        }
    }

    /** The mean over the pictures of what is gained on each, and its interval by the normal distribution. */
    private record Gain(double difference, Evaluation.Interval interval) {
        /** 97.5 % of the normal distribution lie below. */
        private static final double NORMAL = 1.96;

        static Gain of(Answers old, Answers young) {
            int n = old.truth().length;
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += ((young.right(i) ? 1 : 0) - (old.right(i) ? 1 : 0)) / (double) n;
            }
            double squares = 0;
            for (int i = 0; i < n; i++) {
                double difference = (young.right(i) ? 1 : 0) - (old.right(i) ? 1 : 0) - mean;
                squares += difference * difference;
            }
            double error = n < 2 ? 1 : Math.sqrt(squares / (n - 1) / n);
            return new Gain(mean, new Evaluation.Interval(mean - NORMAL * error, mean + NORMAL * error));
        }
    }
}

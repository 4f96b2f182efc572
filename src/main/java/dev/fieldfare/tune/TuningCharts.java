package dev.fieldfare.tune;

import dev.fieldfare.report.Axis;
import dev.fieldfare.report.Chart;
import dev.fieldfare.report.Words;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The drawings of a search. */
final class TuningCharts {
    private TuningCharts() {}

    /** The loss after a hundred steps with each learning rate. */
    static String rates(RangeTest test) {
        double most = 1.5 * test.startLoss();
        double[] xs =
                test.tried().stream().mapToDouble(one -> Math.log10(one.rate())).toArray();
        double[] ys = test.tried().stream()
                .mapToDouble(one -> one.loss() > most ? Double.NaN : one.loss())
                .toArray();
        Chart chart = Chart.plot(
                "rates",
                "Training loss after a hundred steps, by learning rate",
                test.found()
                        ? "It goes down with learning rates from " + Words.significant(test.from()) + " to "
                                + Words.significant(test.to()) + "."
                        : "It goes down with none.",
                Axis.powers("learning rate", xs[0], xs[xs.length - 1]),
                Axis.round("loss (nats); higher ones are left out", 0, most, value -> Words.decimal(value, 2)));
        if (test.found()) {
            chart.rule(Math.log10(test.from()), "from " + Words.significant(test.from()), "best");
            chart.rule(Math.log10(test.to()), "to " + Words.significant(test.to()), "best");
        }
        return chart.line("loss", "train", xs, ys).svg();
    }

    /** Training and validation loss of a trial, the means over its folds. */
    static String curves(Trial trial) {
        int epochs = trial.trainLosses().size();
        double[] xs = IntStream.rangeClosed(1, epochs).asDoubleStream().toArray();
        double highest = IntStream.range(0, epochs)
                .mapToDouble(i -> Math.max(
                        trial.trainLosses().get(i), trial.validationLosses().get(i)))
                .max()
                .orElse(1);
        return Chart.plot(
                        "chosen-loss",
                        "Loss of the chosen settings in each epoch, the mean over the folds",
                        String.format(
                                Locale.ROOT,
                                "Training loss %.3f and validation loss %.3f at the end.",
                                trial.trainLosses().getLast(),
                                trial.validationLosses().getLast()),
                        Axis.whole("epoch", 1, epochs),
                        Axis.round("mean loss (nats)", 0, highest, value -> Words.decimal(value, 3)))
                .line(
                        "training",
                        "train",
                        xs,
                        trial.trainLosses().stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray())
                .line(
                        "validation",
                        "validation",
                        xs,
                        trial.validationLosses().stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray())
                .svg();
    }

    /** The loss of each trial by its value of one setting. */
    static String lossBy(String id, String key, Range range, List<Trial> trials) {
        List<Trial> shown = trials.stream()
                .filter(trial -> trial.values().containsKey(key) && !trial.diverged())
                .toList();
        // A few that went wrong would press all others to the floor.
        double[] sorted = shown.stream().mapToDouble(Trial::loss).sorted().toArray();
        double most = sorted.length == 0 ? 1 : sorted[(int) (0.85 * (sorted.length - 1))];
        double least = sorted.length == 0 ? 0 : sorted[0];
        Chart chart = Chart.plot(
                id,
                "Loss by " + key,
                shown.size() + " trials.",
                axis(key, range),
                Axis.round("loss (nats)", least, most, value -> Words.decimal(value, 3)));
        for (Trial trial : shown) {
            if (trial.loss() <= most) {
                chart.dot(
                        along(range, value(trial, key)),
                        trial.loss(),
                        3,
                        "train",
                        TrialTable.words(trial.values()) + ": loss " + Words.decimal(trial.loss(), 4));
            }
        }
        return chart.svg();
    }

    /** Where trials lie in two settings, with the values of the first that were tried marked on its axis. */
    static String spread(
            String id,
            String title,
            String across,
            Range acrossRange,
            String up,
            Range upRange,
            List<double[]> points) {
        Axis x = axis(across, acrossRange);
        Axis y = axis(up, upRange);
        long distinct =
                points.stream().mapToDouble(point -> point[0]).distinct().count();
        Chart chart =
                Chart.plot(id, title, points.size() + " trials, " + distinct + " values of " + across + ".", x, y);
        for (double[] point : points) {
            chart.dot(point[0], point[1], 3.5, "train", "");
            chart.dot(point[0], y.low(), 2.5, "validation", "");
        }
        return chart.svg();
    }

    /** Where a value stands on the axis of its range. */
    static double along(Range range, Object value) {
        return switch (range) {
            case Range.Interval interval ->
                interval.scale() == Range.Scale.LOG
                        ? Math.log10(((Number) value).doubleValue())
                        : ((Number) value).doubleValue();
            case Range.Choice choice -> choice.values().indexOf(value);
        };
    }

    private static Axis axis(String key, Range range) {
        return switch (range) {
            case Range.Interval interval ->
                interval.scale() == Range.Scale.LOG
                        ? Axis.powers(key, Math.log10(interval.from()), Math.log10(interval.to()))
                        : Axis.round(key, interval.from(), interval.to(), value -> Words.decimal(value, 3));
            case Range.Choice choice ->
                new Axis(
                        key,
                        -0.5,
                        choice.values().size() - 0.5,
                        IntStream.range(0, choice.values().size())
                                .asDoubleStream()
                                .boxed()
                                .toList(),
                        place -> String.valueOf(choice.values().get((int) Math.round(place))));
        };
    }

    private static Object value(Trial trial, String key) {
        Object value = trial.values().get(key);
        if (value == null) {
            throw new IllegalArgumentException("no value for " + key);
        }
        return value;
    }
}

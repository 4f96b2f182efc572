package dev.fieldfare.train;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.Evaluation.ReliabilityBin;
import dev.fieldfare.report.Axis;
import dev.fieldfare.report.Chart;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.TrainingReport.Epoch;
import dev.fieldfare.train.TrainingReport.Memory;
import dev.fieldfare.train.TrainingReport.MemoryItem;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The drawings of a report. */
final class ReportCharts {
    /** How many tints the style sheet has for the parts of the plan. */
    static final int TINTS = 6;

    private ReportCharts() {}

    static String loss(TrainingReport report) {
        double highest =
                values(report, Epoch::trainLoss, Epoch::validationLoss).max().orElse(1);
        return curves(
                report,
                "loss",
                "Loss in each epoch",
                Axis.round("mean loss (nats)", 0, highest, value -> Words.decimal(value, 3)),
                Epoch::trainLoss,
                Epoch::validationLoss,
                value -> Words.decimal(value, 3));
    }

    static String accuracy(TrainingReport report) {
        double lowest = values(report, Epoch::trainAccuracy, Epoch::validationAccuracy)
                .min()
                .orElse(0);
        return curves(
                report,
                "accuracy",
                "Accuracy in each epoch",
                Axis.round("accuracy (% of pictures)", Math.min(lowest, 0.95), 1, Words::percent),
                Epoch::trainAccuracy,
                Epoch::validationAccuracy,
                Words::percent);
    }

    private static String curves(
            TrainingReport report,
            String id,
            String title,
            Axis y,
            ToDoubleFunction<Epoch> train,
            ToDoubleFunction<Epoch> validation,
            DoubleFunction<String> format) {
        List<Epoch> epochs = report.epochs();
        Epoch first = epochs.getFirst();
        Epoch last = epochs.getLast();
        String description = String.format(
                Locale.ROOT,
                "Training pictures: from %s in epoch %d to %s in epoch %d. Validation pictures: from %s to %s."
                        + " The weights of epoch %d were kept.",
                format.apply(train.applyAsDouble(first)),
                first.epoch(),
                format.apply(train.applyAsDouble(last)),
                last.epoch(),
                format.apply(validation.applyAsDouble(first)),
                format.apply(validation.applyAsDouble(last)),
                report.best().epoch());
        double[] xs = epochs.stream().mapToDouble(Epoch::epoch).toArray();
        return Chart.plot(id, title, description, Axis.whole("epoch", first.epoch(), last.epoch()), y)
                .rule(report.best().epoch(), "best: epoch " + report.best().epoch(), "best")
                .line(
                        "training",
                        "train",
                        xs,
                        epochs.stream().mapToDouble(train).toArray())
                .line(
                        "validation",
                        "validation",
                        xs,
                        epochs.stream().mapToDouble(validation).toArray())
                .svg();
    }

    private static DoubleStream values(
            TrainingReport report, ToDoubleFunction<Epoch> train, ToDoubleFunction<Epoch> validation) {
        return report.epochs().stream()
                .flatMapToDouble(epoch -> DoubleStream.of(train.applyAsDouble(epoch), validation.applyAsDouble(epoch)))
                .filter(Double::isFinite);
    }

    /** One row of {@link #accuracies}. */
    record Candidate(String name, Evaluation evaluation, String style) {}

    /** Accuracies with their intervals, one below the other. */
    static String accuracies(List<Candidate> candidates) {
        List<String> lines = candidates.stream()
                .map(candidate -> candidate.name() + ": " + Words.accuracy(candidate.evaluation()))
                .toList();
        Chart chart = Chart.rows(
                "compare",
                "Accuracy with its 95 % confidence interval",
                String.join("; ", lines),
                Axis.share("accuracy (% of pictures)"),
                lines.size());
        for (int i = 0; i < lines.size(); i++) {
            Evaluation evaluation = candidates.get(i).evaluation();
            Evaluation.Interval interval = evaluation.accuracyInterval();
            chart.name(i, lines.get(i))
                    .interval(
                            i,
                            interval.low(),
                            evaluation.accuracy(),
                            interval.high(),
                            candidates.get(i).style(),
                            lines.get(i));
        }
        return chart.svg();
    }

    /** How often predictions of each confidence are right. */
    static String reliability(Evaluation evaluation) {
        Chart chart = Chart.plot(
                        "reliability",
                        "Reliability diagram",
                        "How often predictions of each confidence are right. The mean gap between confidence and"
                                + " accuracy is "
                                + Words.percent(evaluation.ece()) + ".",
                        Axis.share("confidence (% probability of the predicted class)"),
                        Axis.share("accuracy (% of pictures)"))
                .diagonal("dashed: as right as confident · circles: pictures");
        for (ReliabilityBin bin : evaluation.reliability()) {
            Double accuracy = bin.accuracy();
            Double confidence = bin.confidence();
            if (accuracy != null && confidence != null) {
                String hint = Words.count(bin.images(), "picture", "pictures") + ": mean confidence "
                        + Words.percent(confidence) + ", " + Words.percent(accuracy) + " right";
                chart.bar(bin.from(), bin.to(), accuracy, "calm", hint);
                double share = bin.images() / (double) evaluation.images();
                chart.dot(Math.min(confidence, 1), accuracy, 2.5 + 7 * Math.sqrt(share), "validation", hint);
            }
        }
        return chart.svg();
    }

    /** What was planned, part by part, above what the kernel measured, with the budget as a line. */
    static String memory(Memory memory) {
        double mebibyte = 1 << 20;
        long most = Math.max(memory.budgetBytes(), Math.max(memory.plannedBytes(), memory.peakBytes()));
        boolean measured = memory.peakBytes() > 0;
        Axis axis = Axis.round("memory of the whole process (MiB)", 0, most / mebibyte, v -> Words.decimal(v, 1));
        String planned = "planned: " + Words.bytes(memory.plannedBytes());
        String peak = measured ? "measured at the peak: " + Words.bytes(memory.peakBytes()) : "not measured here";
        String budget = memory.budgetBytes() > 0 ? "budget " + Words.bytes(memory.budgetBytes()) : "";
        Chart chart = Chart.rows(
                "memory", "Memory planned and measured", planned + "; " + peak + "; " + budget, axis, measured ? 2 : 1);
        chart.name(0, planned);
        long from = 0;
        for (int i = 0; i < memory.items().size(); i++) {
            MemoryItem item = memory.items().get(i);
            String hint = item.name() + ": " + Words.bytes(item.bytes());
            chart.span(0, from / mebibyte, (from + item.bytes()) / mebibyte, "tint" + i % TINTS, hint);
            from += item.bytes();
        }
        if (from < memory.plannedBytes()) {
            chart.span(0, from / mebibyte, memory.plannedBytes() / mebibyte, "rest", "everything else");
        }
        if (measured) {
            boolean over = memory.budgetBytes() > 0 && memory.peakBytes() > memory.budgetBytes();
            chart.name(1, peak).span(1, 0, memory.peakBytes() / mebibyte, over ? "over" : "measured", peak);
        }
        if (memory.budgetBytes() > 0) {
            chart.rule(memory.budgetBytes() / mebibyte, budget, "budget");
        }
        return chart.svg();
    }
}

package dev.fieldfare.train;

import dev.fieldfare.predict.Comparison;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.TemperatureFit;
import dev.fieldfare.report.Markup;
import dev.fieldfare.report.Page;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.ReportCharts.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A {@link TrainingReport} as one HTML page that needs nothing beside it: no network, no script, no other file. It is
 * well-formed XML, too.
 */
public final class ReportPage {
    private final TrainingReport report;
    private final Markup page = new Markup();

    private ReportPage(TrainingReport report) {
        this.report = report;
    }

    /** The page without an appendix. */
    public static String html(TrainingReport report, Map<String, byte[]> thumbnails) {
        return html(report, thumbnails, "");
    }

    /**
     * The page.
     *
     * @param thumbnails JPEG files by {@link TrainingReport.Mistake#file}, see {@link ReportFile#shown}
     * @param appendix sections of whoever chose the settings, as well-formed markup; may be empty
     */
    public static String html(TrainingReport report, Map<String, byte[]> thumbnails, String appendix) {
        var writer = new ReportPage(report);
        Page.begin(
                writer.page, "Training report: " + Words.percent(report.test().accuracy()) + " right");
        writer.page.open("body").open("main");
        writer.verdict();
        writer.use();
        writer.judgement();
        writer.learning();
        writer.page.raw(appendix);
        var details = new ReportDetails(report, writer.page);
        details.classes();
        details.mistakes(thumbnails);
        details.memory();
        details.data();
        details.provenance();
        writer.page.leaf("footer", "Written by Fieldfare. The same figures, for programs, are in report.json.");
        return "<!DOCTYPE html>\n" + writer.page.close().close().close() + "\n";
    }

    private void verdict() {
        page.open("header").open("p", "class", "brand").text("Fieldfare · training report ");
        page.leaf(
                        "span",
                        report.promoted() ? "promoted" : "not promoted",
                        "class",
                        report.promoted() ? "badge yes" : "badge no")
                .close();
        page.leaf("h1", headline(report));
        page.leaf("p", Words.sentence(report.reason()), "class", "reason");
        page.open("dl", "class", "figures");
        Evaluation test = report.test();
        figure(Words.percent(test.accuracy()), "accuracy, 95 % sure: " + Words.interval(test.accuracyInterval()));
        Evaluation averaged = report.testAveraged();
        if (averaged != null) {
            figure(Words.percent(averaged.accuracy()), "accuracy averaged over " + averaged.averaging());
        }
        Evaluation incumbent = report.incumbent();
        if (incumbent != null) {
            figure(Words.percent(incumbent.accuracy()), "accuracy of the old model");
        }
        Double top5 = test.top5();
        if (top5 != null) {
            figure(Words.percent(top5), "truth among the best five");
        }
        figure(Words.decimal(test.loss(), 3), "mean loss (nats)");
        long peak = report.memory().peakBytes();
        figure(
                Words.bytes(peak > 0 ? peak : report.memory().plannedBytes()),
                (peak > 0 ? "peak memory" : "memory planned")
                        + (report.memory().budgetBytes() > 0
                                ? " of " + Words.bytes(report.memory().budgetBytes()) + " allowed"
                                : ""));
        figure(Words.duration(report.seconds()), "for everything");
        page.close().close();
    }

    private void figure(String value, String meaning) {
        page.open("div").leaf("dd", value).leaf("dt", meaning).close();
    }

    /** What came out, as one would say it. */
    static String headline(TrainingReport report) {
        Evaluation test = report.test();
        var text = new StringBuilder("The new model is right on ");
        text.append(test.right()).append(" of ").append(Words.count(test.images(), "picture", "pictures"));
        if (report.data().test() > 0) {
            text.append(" that it never saw (");
        } else {
            text.append(" that it was not trained on (");
        }
        if (test.images() != 100) {
            text.append(Words.percent(test.accuracy())).append("; likely ");
        }
        text.append(Words.interval(test.accuracyInterval())).append("). ");
        Evaluation old = report.incumbent();
        if (old == null) {
            return text.append(
                            report.promoted()
                                    ? "It is the first one for these labels."
                                    : "It was not put to use, though there was no other for these labels.")
                    .toString();
        }
        return text.append(
                        report.promoted() ? "It replaced the old one, which was right on " : "The old one, right on ")
                .append(old.right())
                .append(report.promoted() ? "." : ", stays in use.")
                .toString();
    }

    private void use() {
        page.open("section", "class", "use").leaf("h2", "Use it");
        String command = Words.command() + " classify -m " + Words.quoted(report.model());
        page.leaf("pre", command + " picture.jpg", "tabindex", "0");
        Evaluation averaged = report.testAveraged();
        if (averaged != null) {
            page.leaf("p", "With averaged looks, which takes longer:");
            page.leaf(
                    "pre",
                    command + " --average " + Words.quoted(averaged.averaging()) + " picture.jpg",
                    "tabindex",
                    "0");
        }
        page.close();
    }

    private void judgement() {
        page.open("section").leaf("h2", "How far to trust it").open("div", "class", "pair");
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(new Candidate("new model", report.test(), "validation"));
        Evaluation averaged = report.testAveraged();
        if (averaged != null) {
            candidates.add(new Candidate("averaged over " + averaged.averaging(), averaged, "validation"));
        }
        Evaluation old = report.incumbent();
        if (old != null) {
            candidates.add(new Candidate("old model", old, "train"));
        }
        page.open("figure")
                .raw(ReportCharts.accuracies(candidates))
                .leaf("figcaption", trust())
                .close();
        page.open("figure").raw(ReportCharts.reliability(report.test()));
        page.leaf("figcaption", (calibration(report.test()) + " " + temperatures()).strip())
                .close();
        page.close().close();
    }

    private String trust() {
        String text = "Dots: accuracy on " + Words.count(report.test().images(), "picture", "pictures")
                + "; whiskers: where it lies on ever more such pictures, with 95 % confidence (Wilson). ";
        if (report.data().test() == 0) {
            text += "No pictures were held back for the end: these also chose the best epoch, so that the figures of"
                    + " the new model are a little too good. ";
        }
        Comparison comparison = report.comparison();
        if (comparison != null) {
            text += "Only the new model is right on " + comparison.onlyNewRight() + ", only the old one on "
                    + comparison.onlyOldRight() + " (" + comparison.significance() + ", exact McNemar test"
                    + (comparison.withinChance() ? ": such a difference can be chance)." : ").");
        }
        return text.strip();
    }

    private static String calibration(Evaluation test) {
        double confidence = 0;
        for (Evaluation.ReliabilityBin bin : test.reliability()) {
            Double mean = bin.confidence();
            confidence += mean == null ? 0 : mean * bin.images() / test.images();
        }
        double gap = confidence - test.accuracy();
        String lean = Math.abs(gap) < 0.01
                ? "neither too sure nor too shy"
                : gap > 0 ? "surer than it should be" : "less sure than it could be";
        return "When the model says 80 %, is it right four times in five? On average it says "
                + Words.percent(confidence) + " and is right on " + Words.percent(test.accuracy()) + ": " + lean
                + ". Expected calibration error: " + Words.percent(test.ece()) + ".";
    }

    /** What was done about it. */
    private String temperatures() {
        TrainingReport.Calibration calibration = report.calibration();
        StringBuilder text = new StringBuilder();
        if (!calibration.whyNot().isEmpty()) {
            text.append("Not calibrated: ").append(calibration.whyNot()).append('.');
        }
        TemperatureFit single = calibration.single();
        if (single != null) {
            text.append("The model was calibrated on these pictures: ").append(temperature(single));
        }
        TemperatureFit averaged = calibration.averaged();
        if (averaged != null) {
            text.append(" Averaged looks by their own: ").append(temperature(averaged));
        }
        return text.toString().strip();
    }

    private static String temperature(TemperatureFit fit) {
        return "temperature " + Words.decimal(fit.temperature(), 3) + ", by which, on pictures that did not fit it, the"
                + " calibration error goes from " + Words.percent(fit.eceBefore()) + " to "
                + Words.percent(fit.eceAfter()) + " and the loss from " + Words.decimal(fit.lossBefore(), 3) + " to "
                + Words.decimal(fit.lossAfter(), 3) + ".";
    }

    private void learning() {
        page.open("section").leaf("h2", "How it learned").open("div", "class", "pair");
        page.open("figure")
                .raw(ReportCharts.loss(report))
                .leaf("figcaption", "Loss: lower is better.")
                .close();
        page.open("figure")
                .raw(ReportCharts.accuracy(report))
                .leaf("figcaption", "Accuracy: higher is better.")
                .close();
        page.close();
        page.leaf(
                "p",
                Words.sentence("Stopped after " + Words.count(report.epochs().size(), "epoch", "epochs") + " — "
                        + report.stopped() + ". The best of these epochs was "
                        + report.best().epoch() + " (validation loss "
                        + Words.decimal(report.best().validationLoss(), 4) + ", accuracy "
                        + Words.percent(report.best().validationAccuracy()) + ")"));
        page.open("details")
                .leaf("summary", "Every epoch")
                .open("div", "class", "scroll")
                .open("table");
        page.open("thead").open("tr");
        for (String name :
                List.of("epoch", "learning rate", "loss", "accuracy", "val. loss", "val. accuracy", "time")) {
            page.leaf("th", name, "scope", "col");
        }
        page.close().close().open("tbody");
        for (TrainingReport.Epoch epoch : report.epochs()) {
            page.open("tr", "class", epoch.epoch() == report.best().epoch() ? "best" : "plain");
            page.leaf("td", Integer.toString(epoch.epoch()))
                    .leaf("td", Words.significant(epoch.learningRate()))
                    .leaf("td", Words.decimal(epoch.trainLoss(), 4))
                    .leaf("td", Words.percent(epoch.trainAccuracy()))
                    .leaf("td", Words.decimal(epoch.validationLoss(), 4))
                    .leaf("td", Words.percent(epoch.validationAccuracy()))
                    .leaf("td", Words.duration(epoch.seconds()))
                    .close();
        }
        page.close().close().close().close().close();
    }
}

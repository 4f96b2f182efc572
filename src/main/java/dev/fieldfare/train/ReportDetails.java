package dev.fieldfare.train;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.Evaluation.ClassScore;
import dev.fieldfare.report.Gallery;
import dev.fieldfare.report.Markup;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.TrainingReport.Data;
import dev.fieldfare.train.TrainingReport.MemoryItem;
import dev.fieldfare.train.TrainingReport.Mistake;
import dev.fieldfare.train.TrainingReport.Skipped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lower half of a {@link ReportPage}: tables and pictures for those who want to know exactly. */
final class ReportDetails {
    /** Longer lists end here, and the page says so. */
    static final int ROWS = 50;

    private static final int NARROW = 8;

    private final TrainingReport report;
    private final Markup page;

    ReportDetails(TrainingReport report, Markup page) {
        this.report = report;
        this.page = page;
    }

    /** What is confused with what; where both tables are narrow, beside the figures of each class. */
    void classes() {
        boolean narrow = report.test().labels().size() <= NARROW;
        page.open("div", "class", narrow ? "pair sections" : "sections");
        confusion();
        scores();
        page.close();
    }

    private void confusion() {
        Evaluation test = report.test();
        page.open("section").leaf("h2", "What it takes for what");
        int classes = test.labels().size();
        page.leaf(
                "p",
                "A row for each true class, a column for each predicted one; the stronger the colour, the larger"
                        + " the share of the row."
                        + (classes > ConfusionTable.CLASSES
                                ? " Shown are the " + ConfusionTable.CLASSES + " of " + classes
                                        + " classes that most mistakes are about; report.json has them all."
                                : ""));
        ConfusionTable.write(test, page);
        page.close();
    }

    private void scores() {
        page.open("section").leaf("h2", "Class by class");
        List<ClassScore> scores = report.test().perClass();
        if (scores.size() > ROWS) {
            page.leaf("p", "The " + ROWS + " classes with the lowest F1 of " + scores.size() + ".");
            scores = scores.stream()
                    .filter(score -> score.f1() != null)
                    .sorted(Comparator.comparingDouble(score -> orZero(score.f1())))
                    .limit(ROWS)
                    .toList();
        }
        page.open("div", "class", "scroll")
                .open("table", "class", "classes")
                .open("thead")
                .open("tr");
        page.leaf("th", "class", "scope", "col").leaf("th", "pictures", "scope", "col");
        page.leaf("th", "precision", "scope", "col", "title", "of those predicted as this class, the share that are");
        page.leaf("th", "recall", "scope", "col", "title", "of those of this class, the share predicted as such");
        page.leaf("th", "F1", "scope", "col", "title", "harmonic mean of both");
        page.close().close().open("tbody");
        for (ClassScore score : scores) {
            page.open("tr").leaf("th", score.label(), "scope", "row").leaf("td", Integer.toString(score.images()));
            share(score.precision());
            share(score.recall());
            share(score.f1());
            page.close();
        }
        page.close().close().close().close();
    }

    private void share(@Nullable Double share) {
        if (share == null) {
            page.leaf("td", "–");
            return;
        }
        page.open("td", "class", "share", "style", "--share:" + Words.decimal(share, 3));
        page.leaf("span", Words.percent(share)).close();
    }

    private static double orZero(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    void mistakes(Map<String, byte[]> thumbnails) {
        page.open("section").leaf("h2", "Its surest mistakes");
        if (report.mistakes().isEmpty()) {
            page.leaf("p", "None: it is right on every picture.").close();
            return;
        }
        List<Mistake> shown = ReportFile.shown(report.mistakes());
        page.leaf(
                "p",
                "Pictures that it got wrong while being most sure"
                        + (shown.size() < report.mistakes().size()
                                ? ": " + shown.size() + " of "
                                        + report.mistakes().size()
                                : "")
                        + ". A wrong label in the folder often shows here first.");
        Gallery gallery = Gallery.open(page);
        shown.forEach(mistake -> gallery.picture(
                thumbnails.get(mistake.file()),
                mistake.truth(),
                "taken for",
                mistake.predicted(),
                mistake.probability(),
                mistake.file()));
        gallery.close();
        page.close();
    }

    void memory() {
        page.open("section").leaf("h2", "Memory").open("div", "class", "pair");
        page.open("figure").raw(ReportCharts.memory(report.memory()));
        page.leaf("figcaption", memoryVerdict()).close();
        page.open("div", "class", "scroll").open("table", "class", "list").open("tbody");
        List<MemoryItem> items = report.memory().items();
        for (int i = 0; i < items.size(); i++) {
            MemoryItem item = items.get(i);
            page.open("tr").open("th", "scope", "row");
            page.leaf("i", "", "class", "swatch tint" + i % ReportCharts.TINTS)
                    .text(item.name())
                    .close();
            page.leaf("td", Words.bytes(item.bytes()), "class", "number")
                    .leaf("td", item.why())
                    .close();
        }
        page.close().close().close().close().close();
    }

    private String memoryVerdict() {
        long budget = report.memory().budgetBytes();
        long peak = report.memory().peakBytes();
        long planned = report.memory().plannedBytes();
        if (peak <= 0) {
            return "This machine's kernel does not count the peak of a process.";
        }
        String plan = "The peak was " + Words.percent(peak / (double) Math.max(1, planned)) + " of the plan";
        if (budget <= 0) {
            return plan + "; no budget was set.";
        }
        return plan
                + (peak <= budget
                        ? " and stayed " + Words.bytes(budget - peak) + " below the budget."
                        : " and went " + Words.bytes(peak - budget) + " over the budget.");
    }

    void data() {
        Data data = report.data();
        page.open("section")
                .leaf("h2", "Pictures")
                .open("table", "class", "list")
                .open("tbody");
        row("folder", data.folder());
        row("pictures", Integer.toString(data.images()));
        row("trained on", Integer.toString(data.train()));
        row("chose the best epoch", Integer.toString(data.validation()));
        row("held back", Integer.toString(data.test()));
        row("capture sessions", Integer.toString(data.sessions()));
        row("near-identical", Integer.toString(data.nearDuplicates()));
        row("split", data.split());
        row("skipped", Integer.toString(data.skipped().size()));
        page.close().close();
        if (!data.skipped().isEmpty()) {
            page.open("details").leaf("summary", Words.count(data.skipped().size(), "file", "files") + " skipped");
            page.open("table", "class", "list").open("tbody");
            for (Skipped skipped : data.skipped().stream().limit(ROWS).toList()) {
                row(skipped.file(), skipped.reason());
            }
            page.close().close();
            if (data.skipped().size() > ROWS) {
                page.leaf("p", "The first " + ROWS + "; report.json has them all.");
            }
            page.close();
        }
        page.close();
    }

    void provenance() {
        page.open("section")
                .leaf("h2", "Settings and provenance")
                .open("table", "class", "list")
                .open("tbody");
        row("version", report.version());
        row("model", report.model());
        row("made from", report.parent());
        row("trained", report.trainable());
        row("trained numbers", Words.count(report.parameters(), "parameter", "parameters"));
        row("classes", Words.count(report.labels().size(), "class", "classes"));
        row("answers unknown", unknown());
        row("seed", Long.toString(report.seed()));
        row("seconds", Words.decimal(report.seconds(), 1));
        report.settings().forEach((name, value) -> row(name, value.toString()));
        page.close().close();
        page.leaf("p", "The same pictures, settings, seed and machine make the same model, byte for byte.")
                .close();
    }

    private String unknown() {
        Double beyond = report.unknown().beyond();
        List<String> when = new ArrayList<>();
        if (beyond != null) {
            when.add("beyond a distance of " + Words.significant(beyond) + " from the training pictures");
        }
        if (report.unknown().below() > 0) {
            when.add("below a probability of " + Words.percent(report.unknown().below()));
        }
        return when.isEmpty()
                ? "never"
                : String.join(", or ", when) + ": to " + report.test().unknown() + " of "
                        + Words.count(report.test().images(), "held-back picture", "held-back pictures");
    }

    private void row(String name, String value) {
        page.open("tr").leaf("th", name, "scope", "row").leaf("td", value).close();
    }
}

package dev.fieldfare.train;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.report.Markup;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The confusion matrix as a table whose cells are coloured by their share of the row. */
final class ConfusionTable {
    /** More rows and columns than this are a carpet, not a table. */
    static final int CLASSES = 30;

    /** From this share of the row on, white reads better on the cell than black. */
    private static final double DARK = 0.8;

    private ConfusionTable() {}

    /** Which classes are shown, in the order of the labels: all, or those that are most often part of a mistake. */
    static int[] shown(Evaluation evaluation) {
        int classes = evaluation.labels().size();
        if (classes <= CLASSES) {
            return IntStream.range(0, classes).toArray();
        }
        long[] mistakes = new long[classes];
        for (int truth = 0; truth < classes; truth++) {
            List<Integer> row = evaluation.confusion().get(truth);
            for (int predicted = 0; predicted < classes; predicted++) {
                if (truth != predicted) {
                    mistakes[truth] += row.get(predicted);
                    mistakes[predicted] += row.get(predicted);
                }
            }
        }
        return IntStream.range(0, classes)
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -mistakes[i]).thenComparing(i -> i))
                .limit(CLASSES)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    static void write(Evaluation evaluation, Markup page) {
        int[] shown = shown(evaluation);
        List<String> labels = evaluation.labels();
        boolean all = shown.length == labels.size();
        page.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Confusion matrix");
        page.open("table", "class", shown.length > 12 ? "confusion dense" : "confusion")
                .open("thead");
        page.open("tr")
                .leaf("td", "")
                .leaf(
                        "th",
                        "predicted →",
                        "class",
                        "direction",
                        "colspan",
                        Integer.toString(shown.length + (all ? 1 : 2)));
        page.close().open("tr").leaf("th", "true ↓", "class", "direction", "scope", "col");
        for (int column : shown) {
            heading(page, labels.get(column));
        }
        if (!all) {
            heading(page, "others");
        }
        page.leaf("th", "pictures", "scope", "col", "class", "total");
        page.close().close().open("tbody");
        for (int truth : shown) {
            List<Integer> row = evaluation.confusion().get(truth);
            int images = row.stream().mapToInt(Integer::intValue).sum();
            int others = images;
            page.open("tr").leaf("th", labels.get(truth), "scope", "row", "title", labels.get(truth));
            for (int predicted : shown) {
                int count = row.get(predicted);
                others -= count;
                cell(page, count, images, truth == predicted, labels.get(truth), labels.get(predicted));
            }
            if (!all) {
                cell(page, others, images, false, labels.get(truth), "a class that is not shown");
            }
            page.leaf("td", Integer.toString(images), "class", "total").close();
        }
        page.close().close().close();
    }

    private static void heading(Markup page, String label) {
        page.open("th", "scope", "col", "class", "upright", "title", label)
                .leaf("span", label)
                .close();
    }

    private static void cell(Markup page, int count, int images, boolean right, String truth, String predicted) {
        if (count == 0) {
            page.leaf("td", "·", "class", right ? "none diagonal" : "none");
            return;
        }
        double share = count / (double) images;
        String style = (right ? "right diagonal" : "wrong") + (share > DARK ? " strong" : "");
        page.leaf(
                "td",
                Integer.toString(count),
                "class",
                style,
                "style",
                String.format(Locale.ROOT, "--share:%.2f", 0.1 + 0.9 * share),
                "title",
                String.format(Locale.ROOT, "%d of %d %s: taken for %s", count, images, truth, predicted));
    }
}

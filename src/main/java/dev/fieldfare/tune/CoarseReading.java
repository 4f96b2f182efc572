package dev.fieldfare.tune;

import dev.fieldfare.report.Words;
import dev.fieldfare.train.Workbench;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The fourth step in words: what a coarse search says of its ranges and of the pictures. */
final class CoarseReading {
    /** So near to the end of a range, better values may lie beyond it. */
    private static final double EDGE = 0.03;

    private CoarseReading() {}

    static List<Finding> of(List<Trial> trials, Trial best, Map<String, SearchSpace> spaces, Workbench bench) {
        int[] counts = new int[bench.labels().size()];
        int[] pictures = bench.development();
        IntStream.of(pictures).forEach(picture -> counts[bench.label(picture)]++);
        return of(trials, best, spaces, IntStream.of(counts).max().orElse(0), pictures.length);
    }

    /**
     * @param most pictures of the label that has most of them
     * @param all pictures
     */
    static List<Finding> of(List<Trial> trials, Trial best, Map<String, SearchSpace> spaces, int most, int all) {
        List<Finding> findings = new ArrayList<>();
        long settings = trials.stream().mapToInt(Trial::candidate).distinct().count();
        long diverged = trials.stream().filter(Trial::diverged).count();
        if (best.diverged()) {
            return List.of(Finding.problem("all " + settings
                    + " settings diverged: the learning rates are too high; begin the range of"
                    + " optimizer.learningRate lower"));
        }
        double guessing = (double) most / all;
        double error = Math.sqrt(guessing * (1 - guessing) / all);
        if (best.accuracy() <= guessing + 2 * error) {
            findings.add(Finding.problem(String.format(
                    Locale.ROOT,
                    "of %d settings the best is right on %.1f %% of the pictures; always saying the most frequent"
                        + " label is right on %.1f %%. What the network sees does not tell these labels apart: check"
                        + " that the folders hold what their names say, and try deeper layers (--train blocks:K)",
                    settings,
                    100 * best.accuracy(),
                    100 * guessing)));
            return findings;
        }
        findings.add(Finding.good(String.format(
                Locale.ROOT,
                "%d settings, %d trials%s; best so far: loss %.4f, accuracy %.1f %% with %s",
                settings,
                trials.size(),
                diverged > 0 ? ", " + diverged + " of them diverged" : "",
                best.loss(),
                100 * best.accuracy(),
                TrialTable.words(best.values()))));
        spaces.values().stream()
                .filter(space ->
                        best.values().keySet().containsAll(space.ranges().keySet()))
                .findFirst()
                .ifPresent(space -> space.ranges().forEach((key, range) -> edge(key, range, best, findings)));
        return findings;
    }

    private static void edge(String key, Range range, Trial best, List<Finding> findings) {
        Object value = best.values().get(key);
        if (!(range instanceof Range.Interval interval) || value == null) {
            return;
        }
        double place = range.place(value);
        // Of a share, nothing is less than 0 or more than 1; ratios know no such ends.
        boolean share = interval.scale() == Range.Scale.LINEAR;
        boolean natural = share && (interval.from() == 0 && place < EDGE || interval.to() == 1 && place > 1 - EDGE);
        if (!natural && (place < EDGE || place > 1 - EDGE)) {
            findings.add(Finding.warning("the best " + key + ", " + Words.setting(value) + ", lies at the "
                    + (place < EDGE ? "lower" : "upper") + " end of its range; better ones may lie beyond it: widen"
                    + " ranges." + key));
        }
    }
}

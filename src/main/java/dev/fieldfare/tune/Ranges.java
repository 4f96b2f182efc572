package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is searched: what the configuration asks for, or what matters most. */
final class Ranges {
    /** Settings that have to be the same for all trials, since the pictures are looked at once; and why. */
    private static final Map<String, String> FIXED = Map.of(
            "augment.strengths",
                    "the pictures are looked at once, for all trials; search augment.plain or augment.views",
            "split", "all trials are measured on the same pictures",
            "seed", "a seed that does well has had luck",
            "ensemble", "settings are searched for one network",
            "earlyStopping", "trials are trained to their end, and measured there",
            "batch", "the memory plan is made for one batch size",
            "budget", "it is a limit and no setting",
            "minutes", "it is a limit and no setting",
            "threads", "they change the time and nothing else");

    private static final String LEARNING_RATE = "optimizer.learningRate";
    private static final String SUFFIX_LEARNING_RATE = "suffix.learningRate";

    private Ranges() {}

    /** The depths that are searched, the shallower first. */
    static List<String> depths(TuningSettings tuning, TrainingSettings asked, Workbench bench) {
        if (tuning.ranges().get("train") instanceof Object given
                && Range.of("train", given, false) instanceof Range.Choice choice) {
            return choice.values().stream().map(String::valueOf).toList();
        }
        boolean free = asked.train().equals("auto") && bench.isDeeper();
        return free ? List.of("last", bench.deepest()) : List.of(bench.deepest());
    }

    /**
     * The space of a depth.
     *
     * @param base settings with every value said
     * @throws FieldfareException naming the key of a range that cannot be searched
     */
    static SearchSpace of(
            TuningSettings tuning, TrainingSettings base, String depth, RangeTest rates, Workbench bench) {
        boolean last = depth.equals("last");
        Map<String, Range> ranges = new LinkedHashMap<>();
        if (tuning.ranges().isEmpty()) {
            double from = rates.found() ? rates.from() : base.optimizer().learningRate() / 10;
            double to = rates.found() ? rates.to() : base.optimizer().learningRate() * 10;
            ranges.put(LEARNING_RATE, logarithmic(Math.min(from, to / 10), to));
            ranges.put("regularization.l2", logarithmic(1e-5, 0.1));
            ranges.put("noise.dropout", new Range.Interval(0, 0.6, Range.Scale.LINEAR, false));
            if (bench.views() > 0) {
                ranges.put("augment.plain", new Range.Interval(0.1, 1, Range.Scale.LINEAR, false));
            }
            if (!last) {
                double rate = base.suffix().learningRate();
                ranges.put(SUFFIX_LEARNING_RATE, logarithmic(rate / 10, rate * 10));
            }
        } else {
            tuning.ranges().forEach((key, document) -> {
                boolean ofSuffix = key.startsWith("suffix.");
                if (!key.equals("train") && !(last && ofSuffix)) {
                    ranges.put(key, checked(key, document, base));
                }
            });
        }
        return new SearchSpace(ranges);
    }

    /**
     * Looks whether the ranges can be searched, before any picture is looked at.
     *
     * @throws FieldfareException naming the key if there is no such setting, it must be the same for all trials, or a value is
     *     out of its range
     */
    static void check(TuningSettings tuning, TrainingSettings asked) {
        tuning.ranges().forEach((key, document) -> {
            if (!key.equals("train")) {
                checked(key, document, asked);
            }
        });
    }

    private static Range checked(String key, Object document, TrainingSettings base) {
        FIXED.forEach((fixed, why) -> {
            if (key.equals(fixed) || key.startsWith(fixed + ".") && !key.equals("augment.strengths.featureMixup")) {
                throw new FieldfareException("ranges." + key + " cannot be searched: " + why);
            }
        });
        Object value =
                key.equals("augment.strengths.featureMixup") ? Double.valueOf(0) : SearchSpace.valueIn(base, key);
        Range range = Range.of(key, document, Set.of(Integer.class, Long.class).contains(value.getClass()));
        // What the ends are not allowed to be, nothing between them would be tried with.
        range.grid(2).forEach(end -> SearchSpace.apply(base, Map.of(key, end)));
        return range;
    }

    private static Range logarithmic(double from, double to) {
        return new Range.Interval(from, to, Range.Scale.LOG, false);
    }
}

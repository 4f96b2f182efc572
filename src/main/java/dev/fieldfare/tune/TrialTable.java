package dev.fieldfare.tune;

import dev.fieldfare.report.Words;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Trials as lines: of a table for people, of a file for programs. */
final class TrialTable {
    private TrialTable() {}

    /** A line for a terminal. */
    static String row(Trial trial) {
        String result = trial.diverged()
                ? "  diverged      "
                : String.format(Locale.ROOT, "%7.4f %6.1f %%", trial.loss(), 100 * trial.accuracy());
        return String.format(
                Locale.ROOT,
                "   %4d  %-9s %4.0f %%  %s  %5.1f s  %s",
                trial.candidate(),
                trial.phase(),
                100 * trial.effort(),
                result,
                trial.seconds(),
                words(trial.values()));
    }

    /** {@code learningRate 0.003, l2 0.01}: the last part of each key says enough. */
    static String words(Map<String, Object> values) {
        return values.isEmpty()
                ? "as before"
                : values.entrySet().stream()
                        .map(entry -> shortName(entry.getKey()) + " " + Words.setting(entry.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static String shortName(String key) {
        return key.startsWith("suffix.") ? key : key.substring(key.lastIndexOf('.') + 1);
    }
}

package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import dev.fieldfare.model.StrictYaml;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Writes what a search found: for programs, and settings for {@code retrain -c}. */
public final class TuningFiles {
    /** Settings for {@code retrain -c}. */
    public static final String BEST = "best.yaml";

    /** The best of the other settings, where the old ones were kept. */
    public static final String RUNNER_UP = "runner-up.yaml";

    /** All trials, a line each. */
    public static final String TRIALS = "trials.csv";

    private TuningFiles() {}

    /** Writes all files into a folder. */
    static void write(Path folder, TuningReport report) {
        replace(folder.resolve(BEST), best(report.best()));
        TuningReport.RunnerUp other = report.best().runnerUp();
        if (other != null) {
            replace(folder.resolve(RUNNER_UP), runnerUp(other));
        } else {
            deleteIfExists(folder.resolve(RUNNER_UP)); // of an earlier search
        }
        replace(folder.resolve(TRIALS), csv(report.trials()));
        replace(folder.resolve("tuning.json"), json(report));
    }

    /** One JSON document with {@code steps}, {@code trials}, {@code best} and the {@code training} with it. */
    public static String json(TuningReport report) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("steps", report.steps());
        document.put(
                "trials", report.trials().stream().map(TuningFiles::document).toList());
        document.put("best", report.best());
        document.put("suspects", report.suspects());
        document.put("seconds", report.seconds());
        document.put("training", report.training());
        return StrictYaml.toReadableJson(document);
    }

    private static Map<String, Object> document(Trial trial) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("candidate", trial.candidate());
        document.put("phase", trial.phase());
        document.put("effort", trial.effort());
        document.put("values", trial.values());
        document.put("diverged", trial.diverged());
        if (!trial.diverged()) {
            document.put("loss", trial.loss());
            document.put("accuracy", trial.accuracy());
            document.put("foldLosses", trial.foldLosses());
            document.put("foldAccuracies", trial.foldAccuracies());
        }
        document.put("seconds", trial.seconds());
        return document;
    }

    /** As a file of comma-separated values (RFC 4180), a column for every setting that was searched. */
    static String csv(List<Trial> trials) {
        Set<String> keys = new TreeSet<>();
        trials.forEach(trial -> keys.addAll(trial.values().keySet()));
        StringBuilder text = new StringBuilder("candidate,phase,effort,loss,accuracy,seconds");
        keys.forEach(key -> text.append(',').append(key));
        text.append("\r\n");
        for (Trial trial : trials) {
            text.append(trial.candidate())
                    .append(',')
                    .append(trial.phase())
                    .append(',')
                    .append(trial.effort())
                    .append(',')
                    .append(trial.diverged() ? "" : trial.loss())
                    .append(',')
                    .append(trial.diverged() ? "" : trial.accuracy())
                    .append(',')
                    .append(trial.seconds());
            keys.forEach(key -> text.append(',').append(quoted(trial.values().get(key))));
            text.append("\r\n");
        }
        return text.toString();
    }

    private static String quoted(@org.jspecify.annotations.Nullable Object value) {
        String text = value == null ? "" : value.toString();
        return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** The chosen settings, with the nearest words to why. */
    static String best(TuningReport.Best best) {
        if (best.settings().isEmpty()) {
            return "# Nothing that was tried is better than the settings that were there before, by more than"
                    + " chance.\n";
        }
        StringBuilder text = new StringBuilder("# Chosen by fieldfare tune: validation loss "
                + String.format(java.util.Locale.ROOT, "%.4f", best.validationLoss()) + " instead of "
                + String.format(java.util.Locale.ROOT, "%.4f", best.validationLossBefore()) + ".\n");
        write(SearchSpace.nested(best.settings()), "", text);
        return text.toString();
    }

    private static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot delete " + file + ": " + e.getMessage() + "; check the folder's permissions", e);
        }
    }

    static String runnerUp(TuningReport.RunnerUp other) {
        StringBuilder text = new StringBuilder(String.format(
                java.util.Locale.ROOT,
                "# Not chosen: the best of the others. On pictures that no trial saw %+.1f points, with 95 %%"
                        + " confidence %+.1f to %+.1f.%n",
                100 * other.difference(),
                100 * other.interval().low(),
                100 * other.interval().high()));
        write(SearchSpace.nested(other.settings()), "", text);
        return text.toString();
    }

    private static void write(Map<String, Object> tree, String indent, StringBuilder text) {
        tree.forEach((key, value) -> {
            text.append(indent).append(key).append(':');
            if (value instanceof Map<?, ?> map) {
                text.append('\n');
                Map<String, Object> below = new LinkedHashMap<>();
                map.forEach((name, entry) -> below.put(String.valueOf(name), entry));
                write(below, indent + "  ", text);
            } else if (value instanceof List<?> list) {
                text.append(list.stream().map(String::valueOf).collect(Collectors.joining(", ", " [", "]\n")));
            } else {
                text.append(' ').append(value).append('\n');
            }
        });
    }

    private static void replace(Path file, String text) {
        WholeFile.write(file, channel -> {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }
}

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The training guide's table of settings and the configuration files say what the program does. */
class TrainingGuideTest {
    private static final Path GUIDE = Path.of("src/site/markdown/training.md");
    private static final Path FILES = Path.of("device-config");

    private static final Pattern ROW =
            Pattern.compile("^\\| `([\\w.]+)` \\| ([^|]+) \\| ([^|]+) \\|", Pattern.MULTILINE);
    private static final Pattern RANGE = Pattern.compile("([\\d.]+) to ([\\d.]+)");

    /** A row of the table: the key, its default and its range as people read them. */
    record Row(String key, String defaultValue, String range) {
        boolean isNumeric() {
            return RANGE.matcher(range).matches();
        }

        private double bound(int group) {
            Matcher matcher = RANGE.matcher(range);
            assertTrue(matcher.matches(), range);
            return Double.parseDouble(matcher.group(group));
        }

        double least() {
            return bound(1);
        }

        double most() {
            return bound(2);
        }

        @Override
        public String toString() {
            return key;
        }
    }

    private static List<Row> rows() throws IOException {
        Matcher matcher = ROW.matcher(Files.readString(GUIDE));
        return matcher.results().map(TrainingGuideTest::row).toList();
    }

    private static Row row(MatchResult found) {
        return new Row(found.group(1), found.group(2), found.group(3));
    }

    private static Stream<Row> numericRows() throws IOException {
        return rows().stream().filter(Row::isNumeric);
    }

    @Test
    void everyKeyStandsInTheTableWithItsDefault() throws IOException {
        Map<String, String> documented = new LinkedHashMap<>();
        rows().forEach(row -> documented.put(row.key(), row.defaultValue()));
        Map<String, String> actual = new LinkedHashMap<>();
        flatten("", StrictYaml.toMap(TrainingSettings.DEFAULT), actual);
        assertTrue(actual.size() > 20, actual.toString());
        actual.forEach((key, value) -> assertEquals(value, documented.get(key), key));
    }

    @Test
    void everyRowIsAKey() throws IOException {
        for (Row row : rows()) {
            String nested = row.key().replace(".", ": {") + ": " + row.defaultValue()
                    + "}".repeat((int) row.key().chars().filter(c -> c == '.').count());
            assertDoesNotThrow(() -> StrictYaml.parse(nested, TrainingSettings.DEFAULT, "the guide"), row.key());
        }
    }

    @ParameterizedTest
    @MethodSource("numericRows")
    void rangesAreThoseOfTheProgram(Row row) {
        assertDoesNotThrow(() -> with(row.key(), number(row.least())));
        assertDoesNotThrow(() -> with(row.key(), number(row.most())));
        // Whole steps for whole numbers, small ones for shares.
        double step = row.most() > 1 ? 1 : 0.001;
        assertThrows(FieldfareException.class, () -> with(row.key(), number(row.least() - step)));
        assertThrows(FieldfareException.class, () -> with(row.key(), number(row.most() + step)));
    }

    @Test
    void theDefaultFileSaysEveryDefault() throws IOException {
        Path file = FILES.resolve("retrain-default.yaml");
        assertEquals(TrainingSettings.DEFAULT, StrictYaml.read(file, TrainingSettings.DEFAULT));

        // Whatever the file leaves out would be equal as well.
        Map<String, String> actual = new LinkedHashMap<>();
        flatten("", StrictYaml.toMap(TrainingSettings.DEFAULT), actual);
        String text = Files.readString(file);
        for (String key : actual.keySet()) {
            String name = key.substring(key.lastIndexOf('.') + 1);
            assertTrue(Pattern.compile("(?m)^ *" + name + ":").matcher(text).find(), key);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"retrain-default.yaml", "small-budget.yaml"})
    void configurationFilesAreAccepted(String name) {
        assertDoesNotThrow(() -> StrictYaml.read(FILES.resolve(name), TrainingSettings.DEFAULT));
    }

    @Test
    void theSmallBudgetAsksForLessThanTheDefault() {
        TrainingSettings small = StrictYaml.read(FILES.resolve("small-budget.yaml"), TrainingSettings.DEFAULT);
        assertTrue(small.budgetBytes() > 0 && small.budgetBytes() <= 160L << 20, small.budget());
        assertEquals(1, small.effectiveThreads());
        assertTrue(small.augment().views() < TrainingSettings.DEFAULT.augment().views());
    }

    private static TrainingSettings with(String key, Object value) {
        Object nested = value;
        String[] steps = key.split("\\.");
        for (int i = steps.length - 1; i >= 0; i--) {
            nested = Map.of(steps[i], nested);
        }
        @SuppressWarnings("unchecked") // wrapped at least once
        Map<String, Object> document = (Map<String, Object>) nested;
        return StrictYaml.override(TrainingSettings.DEFAULT, document, "the guide");
    }

    private static Object number(double value) {
        return value == Math.rint(value) ? (Object) (long) value : (Object) value;
    }

    private static void flatten(String prefix, Map<?, ?> settings, Map<String, String> into) {
        settings.forEach((name, value) -> {
            String key = prefix + name;
            if (value instanceof Map<?, ?> below) {
                flatten(key + ".", below, into);
            } else {
                into.put(key, readable(value));
            }
        });
    }

    /** As the guide writes it: 0 instead of 0.0, and enumerations in small letters. */
    private static String readable(Object value) {
        return switch (value) {
            case Double number when number == Math.rint(number) -> Long.toString(number.longValue());
            case String text -> text.toLowerCase(Locale.ROOT);
            default -> value.toString();
        };
    }
}

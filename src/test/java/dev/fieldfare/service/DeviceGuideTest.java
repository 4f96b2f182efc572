package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guide's table of keys, the files for boards and stories, and the schema say what the program does. */
class DeviceGuideTest {
    private static final Path FILES = Path.of("device-config");
    private static final String TRAINING = "classifiers.*.retrain.training";
    private static final Set<String> LISTS = Set.of("lights", "buttons", "webhooks", "commands");
    private static final Pattern RANGE = Pattern.compile("([\\d.]+)(ms|s|m|h|d|) to ([\\d.]+)(ms|s|m|h|d|)");
    private static final Pattern WORDS = Pattern.compile("[a-z]+(?:, [a-z]+)+");

    /** Entries that lack nothing, on one line each; what a test asks for goes where the ellipsis is. */
    private static final Map<String, String> ENTRIES = Map.of(
            "cameras", "cameras: {one: {...}}\nclassifiers: {one: }",
            "classifiers", "cameras: {one: }\nclassifiers: {one: {...}}",
            "lights", "lights: [{pin: GPIO4, ...}]",
            "buttons", "buttons: [{pin: GPIO4, press: retrain, ...}]",
            "webhooks", "webhooks: [{url: 'http://host', ...}]",
            "commands", "commands: [{run: [ls], ...}]");

    @TempDir
    Path folder;

    private static List<GuideTable.Row> rows() {
        return GuideTable.of("device.md");
    }

    private static Stream<GuideTable.Row> rowsWithRanges() {
        return rows().stream().filter(row -> RANGE.matcher(row.range()).matches());
    }

    private static Stream<GuideTable.Row> rowsWithWords() {
        return rows().stream().filter(row -> WORDS.matcher(row.range()).matches());
    }

    private DeviceConfig with(String key, String value) throws IOException {
        String[] steps = key.replace("[]", "").replace(".*", "").split("\\.");
        boolean inEntry = key.contains("*") || key.contains("[]");
        String nested = value;
        for (int i = steps.length - 1; i >= (inEntry ? 1 : 0); i--) {
            nested = (i < steps.length - 1 ? steps[i] + ": {" + nested + "}" : steps[i] + ": " + nested);
        }
        String text = inEntry ? ENTRIES.get(steps[0]).replace("...", nested) : nested;
        String rest = text.startsWith("cameras") ? "" : "\ncameras: {one: }\nclassifiers: {one: }";
        return DeviceConfig.read(Files.writeString(folder.resolve("device.yaml"), text + rest + "\n"));
    }

    @Test
    void everyKeyStandsInTheTableWithItsDefault() {
        Map<String, String> actual = new LinkedHashMap<>();
        flatten("", StrictYaml.toMap(DeviceConfig.DEFAULT), actual);
        DeviceConfig.ENTRIES.forEach(
                (key, entry) -> flatten(key + (LISTS.contains(key) ? "[]." : ".*."), StrictYaml.toMap(entry), actual));
        Map<String, String> documented = new LinkedHashMap<>();
        rows().forEach(row -> documented.put(row.key(), row.defaultValue()));
        assertTrue(documented.size() > 60, documented.toString());
        assertEquals(new TreeSet<>(documented.keySet()), new TreeSet<>(actual.keySet()));
        documented.remove(TRAINING);
        documented.forEach((key, value) -> assertEquals(
                value.equals(GuideTable.EMPTY) ? "" : value.toLowerCase(Locale.ROOT),
                value.equals(GuideTable.REQUIRED) ? value : actual.get(key),
                key));
    }

    @Test
    void whatMustBeGivenIsMissedWhereItIsNot() throws IOException {
        Map<String, String> without = Map.of(
                "cameras", "classifiers: {one: }",
                "classifiers", "cameras: {one: }",
                "lights[].pin", "lights: [{}]",
                "buttons[].pin", "buttons: [{press: retrain}]",
                "buttons[].press", "buttons: [{pin: GPIO4}]",
                "webhooks[].url", "webhooks: [{}]",
                "commands[].run", "commands: [{}]");
        List<String> required = rows().stream()
                .filter(GuideTable.Row::isRequired)
                .map(GuideTable.Row::key)
                .toList();
        assertEquals(without.keySet(), Set.copyOf(required));
        for (String key : required) {
            String text = without.get(key) + (key.contains("[]") ? "\ncameras: {one: }\nclassifiers: {one: }" : "");
            Path file = Files.writeString(folder.resolve("device.yaml"), text);
            String message = assertThrows(FieldfareException.class, () -> DeviceConfig.read(file), key)
                    .getMessage();
            assertTrue(message.contains(key.replace("[]", ".0")), message);
        }
    }

    @ParameterizedTest
    @MethodSource("rowsWithRanges")
    void rangesAreThoseOfTheProgram(GuideTable.Row row) throws IOException {
        Matcher range = RANGE.matcher(row.range());
        assertTrue(range.matches());
        double least = Double.parseDouble(range.group(1));
        double most = Double.parseDouble(range.group(3));
        boolean time = !range.group(2).isEmpty();
        double step = time || most > 1 ? 1 : 0.001;
        assertDoesNotThrow(() -> with(row.key(), number(least) + range.group(2) + company(row)));
        assertDoesNotThrow(() -> with(row.key(), number(most) + range.group(4)));
        if (least > 0 || !time) {
            assertThrows(FieldfareException.class, () -> with(row.key(), number(least - step) + range.group(2)));
        }
        assertThrows(FieldfareException.class, () -> with(row.key(), number(most + step) + range.group(4)));
    }

    /** What has to be changed with it, since one must not exceed the other. */
    private static String company(GuideTable.Row row) {
        return switch (row.key().substring(row.key().lastIndexOf('.') + 1)) {
            case "confidence" -> row.key().startsWith("lights") ? "" : ", keep: 0";
            case "of" -> ", frames: 1";
            default -> "";
        };
    }

    @ParameterizedTest
    @MethodSource("rowsWithWords")
    void wordsAreThoseOfTheProgram(GuideTable.Row row) throws IOException {
        boolean list = row.defaultValue().startsWith("[");
        List<String> words = List.of(row.range().split(", "));
        for (String word : words) {
            assertDoesNotThrow(() -> with(row.key(), list ? "[" + word + "]" : word));
        }
        String message = assertThrows(FieldfareException.class, () -> with(row.key(), list ? "[elephant]" : "elephant"))
                .getMessage();
        assertTrue(message.contains("is not one of " + words), message);
    }

    private static Stream<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(FILES)) {
            return all
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !List.of("retrain-default.yaml", "small-budget.yaml", "tuning-default.yaml")
                            .contains(file.getFileName().toString()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @Test
    void thereIsAFileForEachBoardAndStory() throws IOException {
        assertEquals(
                List.of(
                        "bird-feeder.yaml",
                        "laptop.yaml",
                        "pi-4.yaml",
                        "pi-5.yaml",
                        "pi-zero-2w.yaml",
                        "recycling-bin.yaml",
                        "workshop-parts.yaml"),
                files().map(file -> file.getFileName().toString()).toList());
    }

    @ParameterizedTest
    @MethodSource("files")
    void filesAreAccepted(Path file) throws IOException {
        DeviceConfig config = DeviceConfig.read(file);
        assertEquals("../device-data", config.data());
        assertTrue(Files.readString(file).startsWith("# yaml-language-server: $schema=schema.json\n"));
        assertFalse(Files.readString(file).contains("\t"));
    }

    @Test
    void whatAnExampleHasCommentedOutIsGoodAsWell() throws IOException {
        Pattern commented = Pattern.compile("(?m)^( *)# ( *(?:- )?\\{?\\w+:(?: .*)?)$");
        int changes = 0;
        for (Path file : files().toList()) {
            String text = Files.readString(file);
            int body = text.indexOf("\nname:"); // above it are sentences
            Matcher lines = commented.matcher(text.substring(body));
            String changed = text.substring(0, body) + lines.replaceAll("$1$2");
            changes += changed.equals(text) ? 0 : 1;
            Path copy = Files.writeString(folder.resolve(file.getFileName()), changed);
            assertDoesNotThrow(() -> DeviceConfig.read(copy));
        }
        assertTrue(changes >= 5, String.valueOf(changes));
    }

    @Test
    void aSmallBoardLearnsWithinItsMemory() {
        for (ClassifierSettings settings : DeviceConfig.read(FILES.resolve("pi-zero-2w.yaml"))
                .classifiers()
                .values()) {
            long budget = settings.retrain().training().budgetBytes();
            assertTrue(budget > 0 && budget <= 170L << 20, String.valueOf(budget));
        }
    }

    @Test
    void theCommittedSchemaIsTheProgramsOwn() throws IOException {
        assertEquals(
                ConfigSchema.json(),
                Files.readString(FILES.resolve("schema.json")),
                "make it anew: tools/fieldfare run --schema > device-config/schema.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"minimum\" : 16,", // of the width
                "\"exclusiveMinimum\" : 0,", // of the frames a second
                "\"enum\" : [ 0, 90, 180, 270 ]",
                "\"enum\" : [ \"board\", \"simulated\" ]",
                "\"default\" : \"200ms\"",
                "\"required\" : [ \"pin\", \"press\" ]",
                "\"warmUpEpochs\"", // of the training guide
                "\"description\" : \"Degrees by which frames are turned clockwise.\""
            })
    void theSchemaHas(String part) {
        assertTrue(ConfigSchema.json().contains(part));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Settings of a training are another guide's. */
    private static void flatten(String prefix, Map<?, ?> settings, Map<String, String> into) {
        settings.forEach((name, value) -> {
            String key = prefix + name;
            if (value instanceof Map<?, ?> below && !key.equals(TRAINING) && !below.isEmpty()) {
                flatten(key + ".", below, into);
            } else {
                into.put(key, readable(value));
            }
        });
    }

    /** As the guide writes it: 0 instead of 0.0, and enumerations in small letters. */
    private static String readable(Object value) {
        return switch (value) {
            case Double number -> number(number);
            case Map<?, ?> map when map.isEmpty() -> "{}";
            default -> value.toString().toLowerCase(Locale.ROOT);
        };
    }
}

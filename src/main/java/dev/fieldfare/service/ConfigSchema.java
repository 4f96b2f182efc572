package dev.fieldfare.service;

import dev.fieldfare.model.StrictYaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema (draft 7) of a device's configuration, by which editors complete and explain keys. Types and defaults are
 * those of the settings' records, ranges and sentences those of the guides' tables.
 */
public final class ConfigSchema {
    private static final String TRAINING = "classifiers.*.retrain.training";
    private static final String NAMED = "*";
    private static final String LISTED = "[]";

    private static final Pattern BOUNDS = Pattern.compile("(?:(above) )?([\\d.]+)(?: to |, at most )([\\d.]+)(?:,.*)?");
    private static final Pattern WORDS = Pattern.compile("[a-z]+(?:, [a-z]+)+");
    private static final Pattern NUMBERS = Pattern.compile("\\d+(?:, \\d+)+");
    private static final Pattern TIMES = Pattern.compile("\\d+(?:ms|[smhd]) to \\d+(?:ms|[smhd])");

    /** A key, and those that stand below it. */
    private static final class Node {
        private final Map<String, Node> below = new LinkedHashMap<>();
        private GuideTable.@Nullable Row row;
    }

    private ConfigSchema() {}

    /** All keys that there are, as the guides list them. */
    static List<GuideTable.Row> rows() {
        return Stream.concat(
                        GuideTable.of("device.md").stream(),
                        GuideTable.of("training.md").stream().map(row -> row.below(TRAINING + ".")))
                .toList();
    }

    /** The schema, as JSON for people to read, too. */
    public static String json() {
        Node root = new Node();
        for (GuideTable.Row row : rows()) {
            Node node = root;
            for (String step : row.key().replace(LISTED, "." + LISTED).split("\\.")) {
                node = node.below.computeIfAbsent(step, name -> new Node());
            }
            node.row = row;
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "A Fieldfare device");
        schema.putAll(schema("", root, StrictYaml.toMap(DeviceConfig.DEFAULT)));
        return StrictYaml.toReadableJson(schema);
    }

    private static Map<String, Object> schema(String key, Node node, @Nullable Object defaults) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (node.row != null) {
            schema.put("description", node.row.sentence());
        }
        Node named = node.below.get(NAMED);
        Node listed = node.below.get(LISTED);
        if (named != null) {
            schema.put("type", "object");
            schema.put("propertyNames", Map.of("pattern", "^" + DeviceConfig.NAME + "$"));
            schema.put("additionalProperties", schema(key, named, entry(key)));
        } else if (listed != null) {
            schema.put("type", "array");
            schema.put("items", schema(key, listed, entry(key)));
        } else if (!node.below.isEmpty()) {
            keys(node, defaults instanceof Map<?, ?> map ? map : Map.of(), schema);
        } else if (node.row != null) {
            value(node.row, defaults, schema);
        }
        return schema;
    }

    /** What an entry of a list or map leaves out. */
    private static Map<String, Object> entry(String key) {
        Object entry = DeviceConfig.ENTRIES.get(key);
        if (entry == null) {
            throw new IllegalStateException("the guide has entries of " + key + ", which has none");
        }
        return StrictYaml.toMap(entry);
    }

    private static void keys(Node node, Map<?, ?> defaults, Map<String, Object> schema) {
        schema.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        node.below.forEach((name, child) -> {
            properties.put(name, schema(name, child, defaults.get(name)));
            if (child.row != null && child.row.isRequired()) {
                required.add(name);
            }
        });
        schema.put("properties", properties);
        schema.put("additionalProperties", false);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
    }

    /** A value; what has no default of its own, such as the strength of a noise, is a number. */
    private static void value(GuideTable.Row row, @Nullable Object byDefault, Map<String, Object> schema) {
        Object shown = byDefault == null ? 0L : byDefault;
        switch (shown) {
            case Boolean _ -> schema.put("type", "boolean");
            case Double _ -> number("number", row.range(), schema);
            case Number _ -> number(byDefault == null ? "number" : "integer", row.range(), schema);
            case Map<?, ?> _ -> {
                schema.put("type", "object");
                schema.put("additionalProperties", Map.of("type", List.of("string", "number", "boolean")));
            }
            case List<?> list -> {
                schema.put("type", "array");
                Map<String, Object> items = new LinkedHashMap<>();
                text(row.range(), items);
                schema.put("items", items);
                shown = list.stream().map(one -> shown(row, one)).toList();
            }
            default -> {
                text(row.range(), schema);
                shown = shown(row, shown);
            }
        }
        if (!row.isRequired() && !shown.equals("")) {
            schema.put(
                    "default",
                    shown instanceof Double real && real == Math.rint(real) ? (Object) real.longValue() : shown);
        }
    }

    /** Enumerations are written in small letters. */
    private static Object shown(GuideTable.Row row, Object value) {
        return WORDS.matcher(row.range()).matches() ? String.valueOf(value).toLowerCase(Locale.ROOT) : value;
    }

    private static void number(String type, String range, Map<String, Object> schema) {
        schema.put("type", type);
        Matcher bounds = BOUNDS.matcher(range);
        if (NUMBERS.matcher(range).matches()) {
            schema.put(
                    "enum", Stream.of(range.split(", ")).map(Integer::valueOf).toList());
        } else if (bounds.matches()) {
            schema.put(bounds.group(1) == null ? "minimum" : "exclusiveMinimum", bound(bounds.group(2)));
            schema.put("maximum", bound(bounds.group(3)));
        }
    }

    private static Object bound(String text) {
        return text.contains(".") ? (Object) Double.valueOf(text) : (Object) Long.valueOf(text);
    }

    private static void text(String range, Map<String, Object> schema) {
        if (TIMES.matcher(range).matches()) {
            // Zero needs no unit.
            schema.put("type", List.of("string", "integer"));
            schema.put("pattern", "^(0|\\d{1,9}(\\.\\d{1,6})? ?(ms|s|m|h|d))$");
            schema.put("minimum", 0);
            schema.put("maximum", 0);
            return;
        }
        schema.put("type", "string");
        if (WORDS.matcher(range).matches()) {
            schema.put("enum", List.of(range.split(", ")));
        }
    }
}

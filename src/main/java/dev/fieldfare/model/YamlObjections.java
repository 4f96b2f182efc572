package dev.fieldfare.model;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with settings: the line, the key, what was found, what is allowed, and what may have been meant.
 *
 * @param given the settings as they were found, with the defaults
 * @param known all keys that there are; {@code *} stands for a name or a number
 */
record YamlObjections(YamlLines lines, JsonNode given, JsonNode known) {
    /** What follows the file's name in the message. */
    String say(JsonMappingException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown -> unknownKey(unknown);
            case InvalidFormatException wrong ->
                at(wrong) + ": '" + wrong.getValue() + "' is not " + kind(wrong.getTargetType()) + hint(wrong);
            case ValueInstantiationException refused -> objection(refused);
            case MismatchedInputException wrong ->
                at(wrong) + ": expected " + kind(wrong.getTargetType()) + ", but found " + found(wrong);
            default -> objection(e);
        };
    }

    /** The key that the message of a record, or of a check, begins with. */
    static String keyOf(String message) {
        return message.split("[ :]", 2)[0];
    }

    private String unknownKey(UnrecognizedPropertyException e) {
        Collection<String> here = e.getKnownPropertyIds() == null
                ? List.of()
                : e.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList();
        return lines.at(path(e)) + ": there is no key '" + path(e) + "'" + nearest(e.getPropertyName(), here)
                + " The keys here are: " + String.join(", ", here);
    }

    /** The key that may have been meant: one that may stand here, else one that belongs elsewhere. */
    private String nearest(String key, Collection<String> here) {
        if (Spelling.nearest(key, here).isPresent()) {
            return Spelling.hint(key, here);
        }
        Map<String, String> elsewhere = new LinkedHashMap<>();
        collectPaths(known, "", elsewhere);
        return Spelling.nearest(key, elsewhere.keySet())
                .map(leaf -> "; did you mean '" + elsewhere.get(leaf) + "'?")
                .orElse(".");
    }

    /** The path of every key that stands below another, by the key. */
    private static void collectPaths(JsonNode node, String prefix, Map<String, String> paths) {
        node.properties().forEach(entry -> {
            String path = prefix + entry.getKey();
            paths.putIfAbsent(entry.getKey(), path);
            collectPaths(entry.getValue(), path + ".", paths);
        });
    }

    private static String hint(InvalidFormatException e) {
        Class<?> type = e.getTargetType();
        return type == null || !type.isEnum()
                ? ""
                : Spelling.nearest(String.valueOf(e.getValue()), names(type))
                        .map(name -> "; did you mean '" + name + "'?")
                        .orElse("");
    }

    private static List<String> names(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
                .toList();
    }

    /** What a record says of its values. It names the key itself, though not always all that stands above it. */
    private String objection(JsonMappingException e) {
        String message = firstLine((e.getCause() == null ? e : e.getCause()).getMessage());
        String key = keyOf(message);
        if (lines.knows(key)) {
            return lines.at(key) + ": " + message;
        }
        String whole = path(e) + "." + key.substring(key.lastIndexOf('.') + 1);
        return lines.knows(whole)
                ? lines.at(whole) + ": " + whole + message.substring(key.length())
                : at(e) + ": " + message;
    }

    private String at(JsonMappingException e) {
        String path = path(e);
        return path.isEmpty() ? "" : lines.at(path) + ", key '" + path + "'";
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? String.valueOf(step.getIndex()) : step.getFieldName())
                .collect(Collectors.joining("."));
    }

    private String found(JsonMappingException e) {
        JsonNode node = given;
        for (JsonMappingException.Reference step : e.getPath()) {
            node = step.getFieldName() == null ? node.path(step.getIndex()) : node.path(step.getFieldName());
        }
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "keys with values";
            case MISSING, NULL -> "nothing";
            default -> "'" + node.asText() + "'";
        };
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null) {
            return "another kind of value";
        }
        if (type.isEnum()) {
            return "one of " + names(type);
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == Duration.class) {
            return Durations.EXPECTED;
        }
        if (type == String.class) {
            return "a text";
        }
        return Collection.class.isAssignableFrom(type)
                ? "a list, such as [a, b], or lines below that begin with '- '"
                : "keys with values, indented below it";
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
    }
}

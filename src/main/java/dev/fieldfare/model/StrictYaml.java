package dev.fieldfare.model;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML into records, and takes nothing that it does not know: a misspelt key is an error with the file, the line
 * and the key that may have been meant. JSON is YAML too.
 */
public final class StrictYaml {
    private static final ObjectMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS) // what a record can be asked is no setting of it
            .addModule(Durations.module())
            .build();

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .addModule(Durations.module())
            .build();

    private static final Pattern PLACE = Pattern.compile("(?m)^ +in .*, line (\\d+), column \\d+");

    private StrictYaml() {}

    /**
     * Reads a file; what it leaves out is as in the defaults.
     *
     * @throws FieldfareException naming the file, the line, the key, what was found and what is allowed
     */
    public static <T> T read(Path file, T defaults) {
        return read(file, defaults, Map.of());
    }

    /**
     * The same where there are lists or maps of records in the file.
     *
     * @param elements what an element leaves out, by the key of the list or map that it stands in, such as {@code cameras}
     */
    public static <T> T read(Path file, T defaults, Map<String, Object> elements) {
        try {
            return parse(Files.readString(file), defaults, elements, file.toString());
        } catch (NoSuchFileException e) {
            throw new FieldfareException("there is no file " + file + "; check the path", e);
        } catch (CharacterCodingException e) {
            throw new FieldfareException(file + " is not a text file in UTF-8, as YAML must be", e);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads text that came from somewhere, which messages then name. */
    public static <T> T parse(String text, T defaults, String source) {
        return parse(text, defaults, Map.of(), source);
    }

    /** The same with defaults for the elements of lists and maps. */
    public static <T> T parse(String text, T defaults, Map<String, Object> elements, String source) {
        Map<String, Integer> lines = new HashMap<>();
        JsonNode given;
        try {
            given = MAPPER.readTree(text);
            indexLines(text, lines);
        } catch (JsonProcessingException e) {
            throw new FieldfareException(source + invalid(e) + "; check indentation, quotes and doubled keys", e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
        if (given.isMissingNode() || isSilent(given, NullNode.instance)) {
            return defaults;
        }
        return bind(complete(given, elements), defaults, source, lines);
    }

    /** Puts into each element of a list or map what it leaves out. */
    private static JsonNode complete(JsonNode given, Map<String, Object> elements) {
        if (!(given instanceof ObjectNode whole)) {
            return given;
        }
        elements.forEach((key, defaults) -> {
            JsonNode below = MAPPER.valueToTree(defaults);
            switch (whole.get(key)) {
                case ObjectNode map ->
                    map.properties().forEach(entry -> entry.setValue(merge(below, entry.getValue())));
                case ArrayNode list -> {
                    for (int i = 0; i < list.size(); i++) {
                        list.set(i, merge(below, list.get(i)));
                    }
                }
                case null, default -> {}
            }
        });
        return whole;
    }

    /** Replaces what is given by key; nested maps reach into nested keys. Messages name the source. */
    public static <T> T override(T defaults, Map<String, ?> given, String source) {
        return given.isEmpty() ? defaults : bind(MAPPER.valueToTree(given), defaults, source, Map.of());
    }

    /** A settings record as JSON on one line, which is YAML, too: {@link #parse} reads it back. */
    public static String toJson(Object settings) {
        try {
            return JSON.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are always writable as JSON", e);
        }
    }

    /** A settings record as plain maps, for reports and provenance. */
    public static Map<String, Object> toMap(Object settings) {
        return MAPPER.convertValue(settings, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    @SuppressWarnings("unchecked") // the class of T is T's
    private static <T> T bind(JsonNode given, T defaults, String source, Map<String, Integer> lines) {
        JsonNode merged = merge(MAPPER.valueToTree(defaults), given);
        try {
            return Objects.requireNonNull(MAPPER.treeToValue(merged, (Class<T>) defaults.getClass()));
        } catch (UnrecognizedPropertyException e) {
            Collection<String> known = e.getKnownPropertyIds() == null
                    ? List.of()
                    : e.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .toList();
            throw new FieldfareException(
                    source + line(path(e), lines) + ": there is no key '" + path(e) + "'"
                            + hint(e.getPropertyName(), known, MAPPER.valueToTree(defaults)) + " The keys here are: "
                            + String.join(", ", known),
                    e);
        } catch (InvalidFormatException e) {
            throw new FieldfareException(
                    source + at(e, lines) + ": '" + e.getValue() + "' is not " + kind(e.getTargetType()), e);
        } catch (ValueInstantiationException e) {
            throw new FieldfareException(source + objection(e, lines), e);
        } catch (MismatchedInputException e) {
            throw new FieldfareException(source + at(e, lines) + ": expected " + kind(e.getTargetType()), e);
        } catch (JsonMappingException e) {
            throw new FieldfareException(source + objection(e, lines), e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree in memory cannot be malformed", e);
        }
    }

    /** The key that may have been meant: one that may stand here, else one that belongs elsewhere. */
    private static String hint(String key, Collection<String> known, JsonNode defaults) {
        if (Spelling.nearest(key, known).isPresent()) {
            return Spelling.hint(key, known);
        }
        Map<String, String> elsewhere = new LinkedHashMap<>();
        collectPaths(defaults, "", elsewhere);
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

    /**
     * What is given, and where it is silent the defaults; lists and texts replace, keys with values below them mix. A key
     * without a value says nothing: its values may all be commented out.
     */
    private static JsonNode merge(JsonNode defaults, JsonNode given) {
        if (isSilent(given, defaults)) {
            return defaults;
        }
        if (!defaults.isObject() || !given.isObject()) {
            return given;
        }
        ObjectNode merged = defaults.deepCopy();
        given.properties().forEach(entry -> {
            JsonNode below = merged.get(entry.getKey());
            merged.set(entry.getKey(), below == null ? entry.getValue() : merge(below, entry.getValue()));
        });
        return merged;
    }

    /** YAML reads a key without a value as null or as an empty text. */
    private static boolean isSilent(JsonNode given, JsonNode defaults) {
        return given.isNull() || given.isTextual() && given.textValue().isEmpty() && !defaults.isTextual();
    }

    /** Where a text stops being YAML, and why. The parser's messages are texts with indented places between them. */
    private static String invalid(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        JsonLocation location = e.getLocation(); // null where a limit was exceeded, such as that on nesting
        String line = location == null ? "" : String.valueOf(location.getLineNr());
        Matcher place = PLACE.matcher(message);
        while (place.find()) {
            line = place.group(1); // the last one is that of the problem, those before are of what it stands in
        }
        String reason = message.lines()
                .filter(text -> !text.isBlank() && !text.startsWith(" "))
                .collect(Collectors.joining(": "));
        return (line.isEmpty() ? "" : ", line " + line) + ": this is not valid YAML (" + reason + ")";
    }

    /** The line of every key, since a tree forgets where it came from. */
    private static void indexLines(String text, Map<String, Integer> lines) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME) {
                    String path = parser.getParsingContext()
                            .pathAsPointer()
                            .toString()
                            .substring(1)
                            .replace('/', '.');
                    lines.putIfAbsent(path, parser.currentTokenLocation().getLineNr());
                }
            }
        }
    }

    /** The line of a key, or of the nearest one around it: elements of lists have no key. */
    private static String line(String path, Map<String, Integer> lines) {
        for (String key = path; !key.isEmpty(); key = key.substring(0, Math.max(0, key.lastIndexOf('.')))) {
            Integer line = lines.get(key);
            if (line != null) {
                return ", line " + line;
            }
        }
        return "";
    }

    /** What a record says of its values; it names the key itself. */
    private static String objection(JsonMappingException e, Map<String, Integer> lines) {
        String message = firstLine((e.getCause() == null ? e : e.getCause()).getMessage());
        String key = message.split("[ :]", 2)[0];
        return (lines.containsKey(key) ? line(key, lines) : at(e, lines)) + ": " + message;
    }

    private static String at(JsonMappingException e, Map<String, Integer> lines) {
        String path = path(e);
        return path.isEmpty() ? "" : line(path, lines) + ", key '" + path + "'";
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? String.valueOf(step.getIndex()) : step.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null) {
            return "another kind of value";
        }
        if (type.isEnum()) {
            return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
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
        return Collection.class.isAssignableFrom(type) ? "a list" : "keys with values, indented below it";
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
    }
}

package dev.fieldfare.model;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

    /** Characters. The labels of 20,000 classes fit; what is longer is no configuration, and would fill the heap. */
    static final int LONGEST = 1 << 20;

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
            return parse(text(file), defaults, elements, file.toString());
        } catch (NoSuchFileException e) {
            throw new FieldfareException("there is no file " + file + "; check the path", e);
        } catch (CharacterCodingException e) {
            throw new FieldfareException(file + " is not a text file in UTF-8, as YAML must be", e);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The same with a check of the whole.
     *
     * @param check throws a {@link FieldfareException} whose message begins with the key that it is about
     */
    public static <T> T read(Path file, T defaults, Map<String, Object> elements, UnaryOperator<T> check) {
        T settings = read(file, defaults, elements);
        try {
            return check.apply(settings);
        } catch (FieldfareException e) {
            String message = String.valueOf(e.getMessage());
            throw new FieldfareException(place(file, YamlObjections.keyOf(message)) + ": " + message, e);
        }
    }

    /** Where a key stands, {@code FILE, line 7}; where it is not in the file, the nearest one around it. */
    public static String place(Path file, String key) {
        try {
            return file + YamlLines.of(text(file), MAPPER.getFactory()).at(key);
        } catch (IOException e) {
            return file.toString(); // was read before, and is gone or being changed: whatever is wrong needs no line
        }
    }

    /** At most as much as {@link #parse} takes and a little more, also of a file without an end. */
    private static String text(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw tooLong(file.toString());
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }
    }

    private static FieldfareException tooLong(String source) {
        return new FieldfareException(source + " has more than " + LONGEST
                + " characters, which no configuration and no card needs; is it the right file?");
    }

    /** Reads text that came from somewhere, which messages then name. */
    public static <T> T parse(String text, T defaults, String source) {
        return parse(text, defaults, Map.of(), source);
    }

    /** The same with defaults for the elements of lists and maps. */
    public static <T> T parse(String text, T defaults, Map<String, Object> elements, String source) {
        if (text.length() > LONGEST) {
            throw tooLong(source);
        }
        YamlLines lines;
        JsonNode given;
        try {
            given = MAPPER.readTree(text);
            lines = YamlLines.of(text, MAPPER.getFactory());
        } catch (JsonProcessingException e) {
            throw new FieldfareException(
                    source + invalid(e) + "; check indentation (by spaces, not tabs), quotes and doubled keys", e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
        lines.second().ifPresent(line -> {
            throw new FieldfareException(source + ", line " + line
                    + ": a second document begins here; one file is one document, so leave the line --- out");
        });
        if (given.isMissingNode() || isSilent(given, NullNode.instance)) {
            return defaults;
        }
        return bind(complete(given, elements), defaults, elements, source, lines);
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
        return given.isEmpty() ? defaults : bind(MAPPER.valueToTree(given), defaults, Map.of(), source, YamlLines.NONE);
    }

    /** A settings record as JSON on one line, which is YAML, too: {@link #parse} reads it back. */
    public static String toJson(Object settings) {
        try {
            return JSON.writeValueAsString(settings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are always writable as JSON", e);
        }
    }

    /** Maps, lists and values as JSON on many lines, and one at the end. */
    public static String toReadableJson(Object document) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values are always writable as JSON", e);
        }
    }

    /** A settings record as plain maps, for reports and provenance. */
    public static Map<String, Object> toMap(Object settings) {
        return MAPPER.convertValue(settings, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    @SuppressWarnings("unchecked") // the class of T is T's
    private static <T> T bind(
            JsonNode given, T defaults, Map<String, Object> elements, String source, YamlLines lines) {
        JsonNode merged = merge(MAPPER.valueToTree(defaults), given);
        try {
            return Objects.requireNonNull(MAPPER.treeToValue(merged, (Class<T>) defaults.getClass()));
        } catch (JsonMappingException e) {
            ObjectNode all = MAPPER.valueToTree(defaults);
            elements.forEach(
                    (key, element) -> all.set(key, MAPPER.createObjectNode().set("*", MAPPER.valueToTree(element))));
            throw new FieldfareException(source + new YamlObjections(lines, merged, all).say(e), e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree in memory cannot be malformed", e);
        }
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
}

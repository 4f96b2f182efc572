package dev.fieldfare.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The line of every key and of every entry of a list, since a tree forgets where it came from. Paths are keys and indices
 * with dots between them: {@code lights.0.pin}.
 */
final class YamlLines {
    static final YamlLines NONE = new YamlLines(Map.of(), OptionalInt.empty());

    /** What is counted in a map: nothing. */
    private static final int MAP = -1;

    /** Characters. Longer paths are no settings of anything, and there may be as many as the text has characters. */
    private static final int LONGEST_PATH = 200;

    private final Map<String, Integer> lines;
    private final OptionalInt second;

    private YamlLines(Map<String, Integer> lines, OptionalInt second) {
        this.lines = lines;
        this.second = second;
    }

    static YamlLines of(String text, JsonFactory factory) throws IOException {
        Map<String, Integer> lines = new HashMap<>();
        List<String> path = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        boolean ended = false;
        try (JsonParser parser = factory.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                int line = parser.currentTokenLocation().getLineNr();
                if (ended) {
                    return new YamlLines(lines, OptionalInt.of(beginning(text, line)));
                }
                if (token.isStructEnd()) {
                    path.removeLast();
                    counts.removeLast();
                } else if (token == JsonToken.FIELD_NAME) {
                    path.set(path.size() - 1, parser.currentName());
                    remember(lines, path, line);
                } else {
                    if (!counts.isEmpty() && counts.getLast() != MAP) {
                        path.set(path.size() - 1, String.valueOf(counts.getLast()));
                        counts.set(counts.size() - 1, counts.getLast() + 1);
                        remember(lines, path, line);
                    }
                    if (token.isStructStart()) {
                        path.add("");
                        counts.add(token == JsonToken.START_ARRAY ? 0 : MAP);
                    }
                }
                ended = counts.isEmpty();
            }
        }
        return new YamlLines(lines, OptionalInt.empty());
    }

    private static void remember(Map<String, Integer> lines, List<String> path, int line) {
        int length = 0;
        for (String key : path) {
            length += 1 + key.length();
            if (length > LONGEST_PATH) {
                return;
            }
        }
        lines.putIfAbsent(String.join(".", path), line);
    }

    /** The line of the marker above a line: what it begins may be further below. */
    private static int beginning(String text, int line) {
        List<String> all = text.lines().toList();
        for (int above = Math.min(line, all.size()); above > 0; above--) {
            if (all.get(above - 1).startsWith("---")) {
                return above;
            }
        }
        return line;
    }

    /** Where a second document begins, if there is one. */
    OptionalInt second() {
        return second;
    }

    boolean knows(String path) {
        return lines.containsKey(path);
    }

    /** The line, as {@code ", line 7"}, of a key or of the nearest one around it; empty where there is none. */
    String at(String path) {
        for (String key = path; !key.isEmpty(); key = key.substring(0, Math.max(0, key.lastIndexOf('.')))) {
            Integer line = lines.get(key);
            if (line != null) {
                return ", line " + line;
            }
        }
        return "";
    }
}

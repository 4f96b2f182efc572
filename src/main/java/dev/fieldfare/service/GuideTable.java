package dev.fieldfare.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The tables of settings in the guides, which come with the program: each sentence on a key exists once, there. */
final class GuideTable {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([\\w.*\\[\\]]+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$");

    private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)]\\([^)]*\\)");

    /** What the column of defaults says where nothing is the default. */
    static final String EMPTY = "–";

    static final String REQUIRED = "must be given";

    private GuideTable() {}

    /**
     * A row, as people read it.
     *
     * @param key its path; {@code *} stands for a name, {@code []} after a key for the entries of a list
     * @param range what is allowed
     */
    record Row(String key, String defaultValue, String range, String sentence) {
        boolean isRequired() {
            return defaultValue.equals(REQUIRED);
        }

        Row below(String prefix) {
            return new Row(prefix + key, defaultValue, range, sentence);
        }
    }

    /** The rows of {@code device.md} or {@code training.md}. */
    static List<Row> of(String guide) {
        try (InputStream stream = GuideTable.class.getResourceAsStream(guide)) {
            if (stream == null) {
                throw new IllegalStateException("the program was built without its guide " + guide);
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return ROW.matcher(text).results().map(GuideTable::row).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the guide " + guide, e);
        }
    }

    private static Row row(MatchResult found) {
        return new Row(found.group(1), plain(found.group(2)), plain(found.group(3)), plain(found.group(4)));
    }

    /** Without marks and links. */
    private static String plain(String markdown) {
        return LINK.matcher(markdown).replaceAll("$1").replace("`", "").strip();
    }
}

package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of memory as people write them. */
public final class MemorySize {
    private static final Pattern SIZE =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmg]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
    private static final long KIB = 1024;

    /** No machine has more; sums of sizes stay far from overflow. */
    private static final double MOST = 1L << 50;

    private MemorySize() {}

    /**
     * Bytes: {@code 192M}, {@code 1.5G}, {@code 200000K}; units are powers of 1024. {@code none} is 0.
     *
     * @param key that messages name
     */
    public static long parse(String key, String text) {
        if (text.strip().equalsIgnoreCase("none")) {
            return 0;
        }
        Matcher matcher = SIZE.matcher(text.strip());
        double bytes = matcher.matches() ? Double.parseDouble(matcher.group(1)) * unit(matcher.group(2)) : 0;
        // Zero stands for no limit, and must not be reached by a slip.
        if (bytes < 1 || bytes > MOST) {
            throw new FieldfareException(
                    key + ": '" + text + "' is no size of memory; write it like 192M or 1.5G, or none");
        }
        return (long) bytes;
    }

    private static long unit(String prefix) {
        return switch (prefix.toLowerCase(Locale.ROOT)) {
            case "k" -> KIB;
            case "m" -> KIB * KIB;
            case "g" -> KIB * KIB * KIB;
            default -> 1;
        };
    }

    /** Mebibytes, rounded up, as the budget option takes them: {@code 143M}. */
    public static String format(long bytes) {
        return (bytes + KIB * KIB - 1) / (KIB * KIB) + "M";
    }
}

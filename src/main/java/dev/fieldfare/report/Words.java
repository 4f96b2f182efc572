package dev.fieldfare.report;

import dev.fieldfare.predict.Evaluation;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as people read them. */
public final class Words {
    private static final double MEBIBYTE = 1 << 20;

    /** With a space that no line breaks at. */
    private static final String PERCENT = "\u00A0%";

    private Words() {}

    /** {@code 0.934} as "93.4 %", {@code 0.93} as "93 %"; only what is exactly all is called 100 %. */
    public static String percent(double share) {
        if (!Double.isFinite(share)) {
            return "–";
        }
        double rounded = Math.round(share * 1000) / 10.0;
        if (rounded == 100 && share < 1) {
            rounded = 99.9;
        } else if (rounded == 0 && share > 0) {
            rounded = 0.1;
        }
        return decimal(rounded, 1) + PERCENT;
    }

    /** "93 % (86–97 %)": accuracy and where it may really lie. */
    public static String accuracy(Evaluation evaluation) {
        return percent(evaluation.accuracy()) + " (" + interval(evaluation.accuracyInterval()) + ")";
    }

    /** "86–97 %". */
    public static String interval(Evaluation.Interval interval) {
        return Math.round(100 * interval.low()) + "–" + Math.round(100 * interval.high()) + PERCENT;
    }

    /** At most so many digits after the point, without zeros at the end. */
    public static String decimal(double value, int digits) {
        String text = String.format(Locale.ROOT, "%." + digits + "f", value);
        String shortened = text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
        return shortened.equals("-0") ? "0" : shortened;
    }

    /** Learning rates span magnitudes: three significant digits, without zeros at the end, and without powers of ten. */
    public static String significant(double value) {
        return value == 0 || !Double.isFinite(value)
                ? decimal(value, 0)
                : new BigDecimal(value)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString();
    }

    /** A setting: numbers as {@link #significant} says, all else as it is. */
    public static String setting(@Nullable Object value) {
        return value instanceof Double || value instanceof Float
                ? significant(((Number) value).doubleValue())
                : String.valueOf(value);
    }

    /** In the units of {@code --budget}: one M is 1024 × 1024 bytes. */
    public static String bytes(long bytes) {
        return bytes < MEBIBYTE
                ? decimal(bytes / 1024.0, bytes < 10240 ? 1 : 0) + " KiB"
                : decimal(bytes / MEBIBYTE, bytes < 100 * MEBIBYTE ? 1 : 0) + " MiB";
    }

    /** "48.2 s", "3 min 20 s", "2 h 5 min". */
    public static String duration(double seconds) {
        // What would be written as 60 s is a minute.
        if (seconds < 59.95) {
            return decimal(seconds, seconds < 10 ? 2 : 1) + " s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    /** "1 picture", "12 pictures". */
    public static String count(long number, String singular, String plural) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202F') + " "
                + (number == 1 ? singular : plural);
    }

    /** With a capital at its start and a point at its end. */
    public static String sentence(String text) {
        if (text.isBlank()) {
            return "";
        }
        int first = text.offsetByCodePoints(0, 1);
        String start = text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first);
        return start.endsWith(".") ? start : start + ".";
    }

    /**
     * How whoever started this program would start it again, for a shell: {@code fieldfare} where it is installed,
     * {@code tools/fieldfare} in a checkout. The launcher knows.
     */
    public static String command() {
        return quoted(System.getProperty("fieldfare.command", "fieldfare"));
    }

    /** An argument that a POSIX shell takes as it is, whatever it holds. */
    public static String quoted(String argument) {
        return argument.matches("[\\w./+:,@%=-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}

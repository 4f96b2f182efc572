package dev.fieldfare.train;

import dev.fieldfare.predict.Evaluation;
import java.util.Locale;

/** Figures as people read them. */
final class Words {
    private static final double MEBIBYTE = 1 << 20;

    private Words() {}

    /** {@code 0.934} as "93.4 %", {@code 0.93} as "93 %"; only what is exactly all is called 100 %. */
    static String percent(double share) {
        double rounded = Math.round(share * 1000) / 10.0;
        if (rounded == 100 && share < 1) {
            rounded = 99.9;
        } else if (rounded == 0 && share > 0) {
            rounded = 0.1;
        }
        return decimal(rounded, 1) + " %";
    }

    /** "93 % (86–97 %)": accuracy and where it may really lie. */
    static String accuracy(Evaluation evaluation) {
        return percent(evaluation.accuracy()) + " (" + interval(evaluation.accuracyInterval()) + ")";
    }

    /** "86–97 %". */
    static String interval(Evaluation.Interval interval) {
        return Math.round(100 * interval.low()) + "–" + Math.round(100 * interval.high()) + " %";
    }

    /** At most so many digits after the point, without zeros at the end. */
    static String decimal(double value, int digits) {
        String text = String.format(Locale.ROOT, "%." + digits + "f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** Learning rates span magnitudes: three significant digits. */
    static String significant(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
    }

    /** In the units of {@code --budget}: one M is 1024 × 1024 bytes. */
    static String bytes(long bytes) {
        return bytes < MEBIBYTE
                ? decimal(bytes / 1024.0, bytes < 10240 ? 1 : 0) + " KiB"
                : decimal(bytes / MEBIBYTE, bytes < 100 * MEBIBYTE ? 1 : 0) + " MiB";
    }

    /** "48.2 s", "3 min 20 s", "2 h 5 min". */
    static String duration(double seconds) {
        if (seconds < 60) {
            return decimal(seconds, seconds < 10 ? 2 : 1) + " s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    /** "1 picture", "12 pictures". */
    static String count(long number, String singular, String plural) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202F') + " "
                + (number == 1 ? singular : plural);
    }

    /** An argument that a POSIX shell takes as it is, whatever it holds. */
    static String quoted(String argument) {
        return argument.matches("[\\w./+:,@%=-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}

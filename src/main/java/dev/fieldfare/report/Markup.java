package dev.fieldfare.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Writes HTML and SVG that is well-formed XML, too. Everything that comes from outside passes {@link #escape}: labels
 * and file names are whatever someone called them.
 */
public final class Markup {
    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are name, value, name, value. */
    public Markup open(String element, String... attributes) {
        tag(element, attributes).append('>');
        open.push(element);
        return this;
    }

    public Markup close() {
        text.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element that holds only text. */
    public Markup leaf(String element, String content, String... attributes) {
        return open(element, attributes).text(content).close();
    }

    /** An element without content: a void element of HTML, or any of SVG. */
    public Markup empty(String element, String... attributes) {
        tag(element, attributes).append("/>");
        return this;
    }

    public Markup text(String content) {
        text.append(escape(content));
        return this;
    }

    /** Markup as it is: for what was written by this class, and for style sheets. */
    public Markup raw(String markup) {
        text.append(markup);
        return this;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return text.toString();
    }

    private StringBuilder tag(String element, String... attributes) {
        text.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            text.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escape(attributes[i + 1]))
                    .append('"');
        }
        return text;
    }

    /** A coordinate, in tenths: more digits make a page larger and no line finer. */
    public static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /**
     * Text as it may stand in an element and in a quoted attribute. What XML cannot say (most control characters, half
     * of a surrogate pair) and what would turn the writing direction of the text around it becomes U+FFFD.
     */
    public static String escape(String content) {
        var escaped = new StringBuilder(content.length() + 16);
        content.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isHarmless(c) ? c : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    private static boolean isHarmless(int c) {
        boolean control = c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c >= 0x7F && c <= 0x9F;
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        boolean turning = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        return !control && !surrogate && !turning && (c & 0xFFFE) != 0xFFFE;
    }
}

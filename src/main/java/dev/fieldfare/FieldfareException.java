package dev.fieldfare;

import java.util.Objects;

/**
 * A failure that the user can act on. Its message stands alone: what was wrong, where (file, line, key, tensor, node),
 * what was expected and what to do next. The command line prints the message and no stack trace; anything that is not
 * a {@code FieldfareException} is a bug of ours.
 */
public class FieldfareException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Characters: longer messages quote a stranger's text, and lose their middle. */
    private static final int LONGEST = 4000;

    private static final String LEFT_OUT = " [...] ";

    /** @param message is kept as {@link #printable} makes it, since it may quote what strangers wrote */
    public FieldfareException(String message) {
        super(shortened(printable(message)));
    }

    public FieldfareException(String message, Throwable cause) {
        super(shortened(printable(message)), cause);
    }

    /**
     * A text from outside as it may be shown to people: what would move a terminal's cursor, change its title or colours,
     * or turn the direction of the writing becomes U+FFFD. Ends of lines stay.
     */
    public static String printable(String text) {
        if (text.codePoints().allMatch(FieldfareException::isPrintable)) {
            return text;
        }
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(isPrintable(c) ? c : 0xFFFD));
        return printable.toString();
    }

    private static boolean isPrintable(int c) {
        boolean control = c < 0x20 && c != '\n' && c != '\t' || c >= 0x7F && c <= 0x9F;
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        boolean turning = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        return !control && !surrogate && !turning;
    }

    private static String shortened(String message) {
        int half = (LONGEST - LEFT_OUT.length()) / 2;
        return message.length() <= LONGEST
                ? message
                : message.substring(0, half) + LEFT_OUT + message.substring(message.length() - half);
    }

    /** Never null: a failure without a sentence for the user cannot be made. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}

package dev.fieldfare.hostile;

import dev.fieldfare.FieldfareException;

/** What a refusal has to look like, whatever was refused. */
final class Refusals {
    private Refusals() {}

    /** @throws IllegalStateException unless the message is a sentence that may be shown on a terminal */
    static void requireSane(FieldfareException refused) {
        String message = refused.getMessage();
        boolean sane = message.length() >= 20
                && message.length() <= 4000
                && message.contains(" ")
                && message.chars().noneMatch(c -> c < 0x20 && c != '\n' && c != '\t' || c == 0x7F);
        if (!sane) {
            throw new IllegalStateException("refused with this: " + message, refused);
        }
    }
}

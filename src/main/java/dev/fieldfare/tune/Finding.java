package dev.fieldfare.tune;

/**
 * Something that was seen.
 *
 * @param kind how much it matters
 * @param text a sentence, with the figures and what to do
 */
public record Finding(Kind kind, String text) {
    /** How much a finding matters. */
    public enum Kind {
        /** As it should be. */
        GOOD,
        /** Worth knowing. */
        NOTE,
        /** Results will be worse than they need to be. */
        WARNING,
        /** Something is wrong: whatever comes after rests on it. */
        PROBLEM
    }

    static Finding good(String text) {
        return new Finding(Kind.GOOD, text);
    }

    Finding with(String other) {
        return new Finding(kind, other);
    }

    static Finding note(String text) {
        return new Finding(Kind.NOTE, text);
    }

    static Finding warning(String text) {
        return new Finding(Kind.WARNING, text);
    }

    static Finding problem(String text) {
        return new Finding(Kind.PROBLEM, text);
    }
}

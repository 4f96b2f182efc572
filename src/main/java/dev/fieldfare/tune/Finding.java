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
        GOOD("ok       "),
        /** Worth knowing. */
        NOTE("note     "),
        /** Results will be worse than they need to be. */
        WARNING("warning  "),
        /** Something is wrong: whatever comes after rests on it. */
        PROBLEM("problem  ");

        private final String mark;

        Kind(String mark) {
            this.mark = mark;
        }

        /** What a line about it begins with. */
        String mark() {
            return mark;
        }
    }

    static Finding good(String text) {
        return new Finding(Kind.GOOD, text);
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

package dev.fieldfare.board;

/**
 * What was found when a machine was looked over.
 *
 * @param name of what was looked at
 * @param found what is the case
 * @param advice what to do about it; empty where there is nothing to do
 */
public record Finding(String name, Status status, String found, String advice) {
    /** How good it is. */
    public enum Status {
        OK,
        /** Fieldfare runs, but something will not work, or not well. */
        WARN,
        /** Fieldfare cannot run like this. */
        FAIL
    }

    public static Finding ok(String name, String found) {
        return new Finding(name, Status.OK, found, "");
    }

    public static Finding warn(String name, String found, String advice) {
        return new Finding(name, Status.WARN, found, advice);
    }

    public static Finding fail(String name, String found, String advice) {
        return new Finding(name, Status.FAIL, found, advice);
    }
}

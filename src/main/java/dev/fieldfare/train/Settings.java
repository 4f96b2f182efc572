package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;

/** Checks of settings, with messages that name the key. */
final class Settings {
    private Settings() {}

    static void requireRange(String key, double value, double lowest, double highest) {
        if (!(value >= lowest && value <= highest)) {
            throw new FieldfareException(
                    key + " must be between " + plain(lowest) + " and " + plain(highest) + ", not " + plain(value));
        }
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e9
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}

package dev.fieldfare.gpio;

/**
 * A light, a relay, or anything else that is on or off.
 *
 * @param name what it is, in messages: {@code "light status"}
 * @param pin where it is
 * @param activeLow whether it is on when the pin is low, as most relay boards are
 * @param initial whether it is on from the start
 * @param safe whether it is on after the program has ended
 */
public record OutputSettings(String name, Pin pin, boolean activeLow, boolean initial, boolean safe) {
    /** On when the pin is high; off at the start and at the end. */
    public static OutputSettings of(String name, Pin pin) {
        return new OutputSettings(name, pin, false, false, false);
    }

    boolean level(boolean on) {
        return on != activeLow;
    }
}

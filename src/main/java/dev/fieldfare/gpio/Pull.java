package dev.fieldfare.gpio;

/** What holds a button's pin at a level while the button is not pressed. */
public enum Pull {
    /** The pin's own resistor to 3.3 V; the button connects it to ground. */
    UP,
    /** The pin's own resistor to ground; the button connects it to 3.3 V. */
    DOWN,
    /** A resistor outside to 3.3 V; the button connects the pin to ground. */
    NONE
}

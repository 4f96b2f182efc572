package dev.fieldfare.gpio;

import dev.fieldfare.FieldfareException;
import java.time.Duration;

/**
 * A button.
 *
 * @param name what it is for, in messages: {@code "button retrain"}
 * @param pin where it is
 * @param pull what holds the pin while it is not pressed
 * @param debounce for how long the level has to be steady: contacts bounce for up to about 20 ms. 0 to one second
 * @param longPress how long it has to be held to count as a long press, 0.2 to 60 seconds
 */
public record ButtonSettings(String name, Pin pin, Pull pull, Duration debounce, Duration longPress) {
    /** @throws FieldfareException if a time is out of range */
    public ButtonSettings {
        requireRange(name, "debounce", debounce, Duration.ZERO, Duration.ofSeconds(1));
        requireRange(name, "longPress", longPress, Duration.ofMillis(200), Duration.ofSeconds(60));
    }

    /** From the pin to ground, as most are wired; 20 ms to settle, two seconds for a long press. */
    public static ButtonSettings of(String name, Pin pin) {
        return new ButtonSettings(name, pin, Pull.UP, Duration.ofMillis(20), Duration.ofSeconds(2));
    }

    private static void requireRange(String name, String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new FieldfareException(name + ": " + key + " must be " + least.toMillis() + " to " + most.toMillis()
                    + " ms, but is " + value.toMillis());
        }
    }

    boolean isPressedHigh() {
        return pull == Pull.DOWN;
    }
}

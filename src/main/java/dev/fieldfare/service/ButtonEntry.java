package dev.fieldfare.service;

import dev.fieldfare.gpio.ButtonSettings;
import dev.fieldfare.gpio.Pin;
import dev.fieldfare.gpio.Pull;
import java.time.Duration;
import java.util.Optional;

/**
 * A button at a pin, and what it is for.
 *
 * @param pin such as {@code GPIO5}
 * @param press an {@link Order}, such as {@code label nut}
 * @param hold another one, for when the button is held; may be empty
 * @param pull what holds the pin while the button is not pressed: {@code up} for one that is wired to ground
 * @param debounce for how long the level has to be steady, at most a second
 * @param holdFor how long it has to be held for that, 200 ms to a minute
 */
public record ButtonEntry(String pin, String press, String hold, Pull pull, Duration debounce, Duration holdFor) {
    private static final Duration SHORTEST_HOLD = Duration.ofMillis(200);

    /** What an entry leaves out; its {@code pin} and {@code press} must be given. */
    public static final ButtonEntry DEFAULT =
            new ButtonEntry("", "", "", Pull.UP, Duration.ofMillis(20), Duration.ofSeconds(2));

    public ButtonEntry {
        Checks.requireTime("buttons.debounce", debounce, Duration.ofSeconds(1));
        Checks.requireTime("buttons.holdFor", holdFor, Duration.ofMinutes(1));
        Checks.require(
                holdFor.compareTo(SHORTEST_HOLD) >= 0, "buttons.holdFor", "at least 200ms", holdFor.toMillis() + "ms");
    }

    /** @throws dev.fieldfare.FieldfareException if there is no such pin */
    ButtonSettings button() {
        return new ButtonSettings("button '" + press + "'", Pin.of(pin), pull, debounce, holdFor);
    }

    Order pressed() {
        return Order.parse(press);
    }

    Optional<Order> held() {
        return hold.isEmpty() ? Optional.empty() : Optional.of(Order.parse(hold));
    }
}

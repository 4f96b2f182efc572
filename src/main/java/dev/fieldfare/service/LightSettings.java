package dev.fieldfare.service;

import dev.fieldfare.gpio.OutputSettings;
import dev.fieldfare.gpio.Pin;
import java.time.Duration;

/**
 * A light, a relay, or anything else at a pin that follows what is decided.
 *
 * @param pin such as {@code GPIO17}
 * @param when of which classifier and labels; without labels, for every label but {@code unknown}
 * @param confidence the least probability of the look that decided, 0 to 1
 * @param pulse how long it is on after a decision; zero for as long as the decision holds
 * @param activeLow whether it is on when the pin is low, as most relay boards are
 */
public record LightSettings(String pin, When when, double confidence, Duration pulse, boolean activeLow) {
    /** What an entry leaves out; its {@code pin} must be given. */
    public static final LightSettings DEFAULT = new LightSettings("", When.ALWAYS, 0, Duration.ZERO, false);

    public LightSettings {
        Checks.requireShare("lights.confidence", confidence);
        Checks.requireTime("lights.pulse", pulse, Duration.ofHours(1));
    }

    /** @throws dev.fieldfare.FieldfareException if there is no such pin */
    OutputSettings output() {
        return new OutputSettings("light on " + pin, Pin.of(pin), activeLow, false, false);
    }

    boolean isOnFor(Event.Decided decided) {
        boolean known = !when.labels().isEmpty() || !decided.label().equals(SteadyDecision.UNKNOWN);
        return known && when.matches(decided) && decided.probability() >= confidence;
    }
}

package dev.fieldfare.service;

import dev.fieldfare.gpio.OutputSettings;
import dev.fieldfare.gpio.Pin;
import java.time.Duration;
import java.util.Optional;

/**
 * A light, a relay, or anything else at a pin that follows what is decided.
 *
 * @param pin such as {@code GPIO17}
 * @param when of which classifier and labels; without labels, for every label but {@code unknown}
 * @param confidence the least probability of a look that counts, 0 to 1; 0 for that of the classifier's decision
 * @param frames so many looks must agree, at most {@code of}; 0 for as many as the classifier's decision asks for
 * @param of the last looks, 0 to 1000; 0 for as many as the classifier's decision goes by
 * @param pulse how long it is on after a decision; zero for as long as the decision holds
 * @param activeLow whether it is on when the pin is low, as most relay boards are
 */
public record LightSettings(
        String pin, When when, double confidence, int frames, int of, Duration pulse, boolean activeLow) {
    /** What an entry leaves out; its {@code pin} must be given. */
    public static final LightSettings DEFAULT = new LightSettings("", When.ALWAYS, 0, 0, 0, Duration.ZERO, false);

    public LightSettings {
        Checks.requireShare("lights.confidence", confidence);
        Checks.requireRange("lights.of", of, 0, 1000);
        Checks.requireRange("lights.frames", frames, 0, of > 0 ? of : 1000);
        Checks.requireTime("lights.pulse", pulse, Duration.ofHours(1));
    }

    /** @throws dev.fieldfare.FieldfareException if there is no such pin */
    OutputSettings output() {
        return new OutputSettings("light on " + pin, Pin.of(pin), activeLow, false, false);
    }

    /** By which rule it follows looks; empty where it follows what its classifier decides. */
    Optional<Steadiness> steadiness() {
        return confidence == 0 && frames == 0 && of == 0
                ? Optional.empty()
                : Optional.of(new Steadiness(confidence, frames, of));
    }

    /** Whether it is on when this is decided, by whatever rule it follows. */
    boolean isOnFor(String label) {
        return when.labels().isEmpty()
                ? !label.equals(SteadyDecision.UNKNOWN)
                : when.labels().contains(label);
    }
}

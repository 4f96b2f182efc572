package dev.fieldfare.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HeaderTest {
    private static final Pin BUTTON = new Pin(17);
    private static final Pin LIGHT = new Pin(22);

    private final SimulatedPins pins = new SimulatedPins();
    private final ManualTimer timer = new ManualTimer();
    private final List<RuntimeException> failures = new ArrayList<>();
    private final Header header = Header.simulated(pins, timer, failures::add);
    private final List<String> happened = new ArrayList<>();

    @AfterEach
    void closeAndSeeNoFailures() {
        header.close();
        assertEquals(List.of(), failures);
    }

    private Button button() {
        return header.button(ButtonSettings.of("button label", BUTTON)).onPress(() -> happened.add("short"));
    }

    @ParameterizedTest
    @EnumSource(Pull.class)
    void aPressIsAChangeFromTheLevelAtRest(Pull pull) {
        Button button =
                header.button(new ButtonSettings("button", BUTTON, pull, Duration.ofMillis(5), Duration.ofSeconds(1)));
        button.onPress(() -> happened.add("short"));
        assertEquals(Optional.of(pull != Pull.DOWN), pins.high(BUTTON));
        assertFalse(button.pressed());
        pins.press(BUTTON);
        assertTrue(button.pressed());
        assertEquals(List.of("short"), happened); // while it is held
        pins.press(BUTTON);
        pins.release(BUTTON);
        assertFalse(button.pressed());
        pins.click(BUTTON);
        assertEquals(List.of("short", "short"), happened);
    }

    @Test
    void aLongPressIsNotAShortOne() {
        button().onLongPress(() -> happened.add("long"));
        pins.press(BUTTON);
        timer.pass(1999);
        assertEquals(List.of(), happened);
        timer.pass(1);
        assertEquals(List.of("long"), happened); // while it is held
        timer.pass(9000);
        pins.release(BUTTON);
        assertEquals(List.of("long"), happened);
        pins.press(BUTTON);
        timer.pass(1999);
        pins.release(BUTTON);
        timer.pass(9000);
        assertEquals(List.of("long", "short"), happened);
    }

    @Test
    void anActionThatFailsIsToldAndOthersGoOn() {
        header.button(ButtonSettings.of("button", BUTTON))
                .onPress(() -> {
                    throw new IllegalStateException("no camera");
                })
                .onPress(() -> happened.add("next"));
        pins.click(BUTTON);
        pins.click(BUTTON);
        assertEquals(List.of("next", "next"), happened);
        assertEquals(2, failures.size());
        failures.clear();
    }

    @Test
    void aLightGoesOnAndOffAndPulses() {
        Output light = header.output(OutputSettings.of("light", LIGHT));
        assertEquals(Optional.of(false), pins.high(LIGHT));
        light.on();
        assertEquals(Optional.of(true), pins.high(LIGHT));
        light.pulse(Duration.ofSeconds(1)); // on anyway, but not for long
        timer.pass(600);
        light.pulse(Duration.ofSeconds(1)); // anew
        timer.pass(600);
        assertTrue(light.isOn());
        timer.pass(400);
        assertEquals(Optional.of(false), pins.high(LIGHT));
        light.pulse(Duration.ofSeconds(1));
        light.on(); // the last word
        timer.pass(5000);
        assertEquals(Optional.of(true), pins.high(LIGHT));
        light.off();
        assertFalse(light.isOn());
    }

    @Test
    void aRelayThatIsOnWhenLow() {
        Output relay = header.output(new OutputSettings("relay", LIGHT, true, false, true));
        assertEquals(Optional.of(true), pins.high(LIGHT));
        relay.on();
        assertEquals(Optional.of(false), pins.high(LIGHT));
        relay.off();
        assertEquals(Optional.of(true), pins.high(LIGHT));
    }

    @Test
    void closingLeavesWhatIsSafe() {
        List<Boolean> levels = new ArrayList<>();
        pins.onChange((pin, high) -> levels.add(high));
        Output light = header.output(new OutputSettings("light", LIGHT, false, true, false));
        Button button = button();
        light.pulse(Duration.ofSeconds(1));
        header.close();
        assertEquals(List.of(false), levels);
        assertEquals(Optional.empty(), pins.high(LIGHT)); // given back
        assertEquals(Optional.empty(), pins.high(BUTTON));
        light.on();
        light.pulse(Duration.ofSeconds(1));
        timer.pass(5000);
        assertFalse(light.isOn());
        header.close();
        assertEquals(button.settings().pin(), BUTTON);
    }

    @Test
    void aPinHasOneUse() {
        button();
        assertEquals(
                "GPIO17 is used twice: by button label and by light status; give one of them another pin",
                assertThrows(FieldfareException.class, () -> header.output(OutputSettings.of("light status", BUTTON)))
                        .getMessage());
        Header other = Header.simulated(pins, timer, failures::add);
        assertEquals(
                "light: GPIO17 of the simulated board is in use already",
                assertThrows(FieldfareException.class, () -> other.output(OutputSettings.of("light", BUTTON)))
                        .getMessage());
        other.output(OutputSettings.of("light", LIGHT));
        other.close();
    }

    @Test
    void settingsHaveRanges() {
        assertEquals(
                "button: debounce must be 0 to 1000 ms, but is 1001",
                assertThrows(
                                FieldfareException.class,
                                () -> new ButtonSettings(
                                        "button", BUTTON, Pull.UP, Duration.ofMillis(1001), Duration.ofSeconds(1)))
                        .getMessage());
        assertThrows(
                FieldfareException.class,
                () -> new ButtonSettings("button", BUTTON, Pull.UP, Duration.ZERO, Duration.ofMillis(199)));
        assertThrows(FieldfareException.class, () -> pins.press(LIGHT));
    }
}

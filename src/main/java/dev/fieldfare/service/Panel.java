package dev.fieldfare.service;

import dev.fieldfare.gpio.Button;
import dev.fieldfare.gpio.Header;
import dev.fieldfare.gpio.Output;
import dev.fieldfare.gpio.OutputSettings;
import dev.fieldfare.gpio.Pin;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The buttons and lights of a device: buttons give orders, lights follow decisions, and a status light is on while all is
 * well, that is while every camera sees and nothing is paused.
 */
public final class Panel implements Action {
    private final Header header;
    private final Map<LightSettings, Output> lights = new LinkedHashMap<>();
    private final @Nullable Output status;
    private final Set<String> blind = new HashSet<>();
    private boolean paused;

    /**
     * Takes the pins.
     *
     * @param header is closed with this
     * @param statusLight a pin; empty for none
     * @param cameras of which none sees yet
     * @throws dev.fieldfare.FieldfareException if a pin is used twice, here or by another program
     */
    public Panel(
            Header header,
            List<LightSettings> lights,
            List<ButtonEntry> buttons,
            String statusLight,
            Set<String> cameras,
            Orders orders) {
        this.header = header;
        try {
            lights.forEach(light -> this.lights.put(light, header.output(light.output())));
            buttons.forEach(entry -> wire(entry, orders));
            status = statusLight.isEmpty()
                    ? null
                    : header.output(OutputSettings.of("status light", Pin.of(statusLight)));
        } catch (RuntimeException e) {
            header.close();
            throw e;
        }
        blind.addAll(cameras);
    }

    private void wire(ButtonEntry entry, Orders orders) {
        Order pressed = entry.pressed();
        Button button = header.button(entry.button()).onPress(() -> orders.give(pressed));
        entry.held().ifPresent(held -> button.onLongPress(() -> orders.give(held)));
    }

    @Override
    public String name() {
        return "lights";
    }

    @Override
    public void on(Event event) {
        switch (event) {
            case Event.Decided decided -> follow(decided.classifier(), Optional.empty(), decided.label());
            case Event.Steadied steadied ->
                follow(steadied.classifier(), Optional.of(steadied.rule()), steadied.label());
            case Event.CameraLost lost -> blind.add(lost.camera());
            case Event.CameraSees sees -> blind.remove(sees.camera());
            case Event.Paused pausing -> {
                paused = pausing.paused();
                if (paused) {
                    lights.values().forEach(Output::off);
                }
            }
            default -> {}
        }
        if (status != null) {
            status.set(blind.isEmpty() && !paused);
        }
    }

    @Override
    public boolean wants(Event event) {
        return Action.super.wants(event) || event instanceof Event.Steadied;
    }

    /** All lights that follow this classifier by this rule. */
    private void follow(String classifier, Optional<Steadiness> rule, String label) {
        if (paused) {
            return; // the last look was on its way
        }
        lights.forEach((settings, light) -> {
            if (settings.when().matches(classifier) && settings.steadiness().equals(rule)) {
                follow(settings, settings.isOnFor(label), light);
            }
        });
    }

    private static void follow(LightSettings settings, boolean on, Output light) {
        if (settings.pulse().isZero()) {
            light.set(on);
        } else if (on) {
            light.pulse(settings.pulse());
        }
    }

    @Override
    public void close() {
        header.close();
    }
}

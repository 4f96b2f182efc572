package dev.fieldfare.service;

import dev.fieldfare.board.Battery;
import dev.fieldfare.board.Heat;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Sees by the board's own sensors whether a training should rest. Once it rests for heat, it goes on only when the
 * processor is clearly cooler, so that it does not stop and go all the time. For one thread.
 */
public final class BoardHealth implements Health {
    /** Degrees Celsius. */
    private static final double CLEARLY_COOLER = 8;

    private final Path root;
    private boolean hot;

    /** @param root {@code /}, or a folder that stands for it */
    public BoardHealth(Path root) {
        this.root = root;
    }

    @Override
    public Optional<String> reasonToRest(RetrainSettings settings) {
        Heat heat = Heat.read(root);
        double most = hot ? settings.hot() - CLEARLY_COOLER : settings.hot();
        hot = heat.celsius().isPresent() && heat.celsius().getAsDouble() > most;
        if (hot) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the processor has %.0f degrees",
                    heat.celsius().getAsDouble()));
        }
        if (heat.isUnderVoltage()) {
            return Optional.of("the power supply gives too little; use one for this board, with a short thick cable");
        }
        if (heat.isSlowed()) {
            return Optional.of("the board has slowed its processor down");
        }
        return Battery.read(root)
                .filter(battery -> battery.discharging() && battery.percent() < settings.battery())
                .map(battery -> "the battery is at " + battery.percent() + " percent, and nothing charges it");
    }
}

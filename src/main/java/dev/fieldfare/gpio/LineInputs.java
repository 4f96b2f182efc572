package dev.fieldfare.gpio;

import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputBase;
import com.pi4j.io.gpio.digital.DigitalInputConfig;
import com.pi4j.io.gpio.digital.DigitalInputProvider;
import com.pi4j.io.gpio.digital.DigitalInputProviderBase;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.DigitalStateChangeEvent;
import com.pi4j.io.gpio.digital.PullResistance;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Pi4J's digital inputs on a {@link Chip}. */
final class LineInputs extends DigitalInputProviderBase {
    private final Chip chip;

    LineInputs(Chip chip) {
        super("fieldfare-digital-input", "Fieldfare's digital inputs");
        this.chip = chip;
    }

    @Override
    public DigitalInput create(DigitalInputConfig config) {
        LineInput input = new LineInput(this, config, chip);
        context.registry().add(input);
        return input;
    }

    private static final class LineInput extends DigitalInputBase {
        private final Chip.Line line;

        LineInput(DigitalInputProvider provider, DigitalInputConfig config, Chip chip) {
            super(provider, config);
            this.line = chip.input(
                    new Pin(config.bcm()),
                    pull(config.pull()),
                    Duration.of(config.debounce(), ChronoUnit.MICROS),
                    high -> dispatch(new DigitalStateChangeEvent<DigitalInput>(this, state(high))));
        }

        private static Pull pull(PullResistance resistance) {
            return switch (resistance) {
                case PULL_UP -> Pull.UP;
                case PULL_DOWN -> Pull.DOWN;
                case OFF -> Pull.NONE;
            };
        }

        @Override
        public DigitalState state() {
            return state(line.high());
        }

        private static DigitalState state(boolean high) {
            return high ? DigitalState.HIGH : DigitalState.LOW;
        }

        @Override
        public DigitalInput shutdownInternal(Context context) {
            line.close();
            super.shutdownInternal(context);
            return this;
        }
    }
}

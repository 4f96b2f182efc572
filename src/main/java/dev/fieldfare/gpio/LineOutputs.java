package dev.fieldfare.gpio;

import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalOutputBase;
import com.pi4j.io.gpio.digital.DigitalOutputConfig;
import com.pi4j.io.gpio.digital.DigitalOutputProvider;
import com.pi4j.io.gpio.digital.DigitalOutputProviderBase;
import com.pi4j.io.gpio.digital.DigitalState;

/** Pi4J's digital outputs on a {@link Chip}. */
final class LineOutputs extends DigitalOutputProviderBase {
    private final Chip chip;

    LineOutputs(Chip chip) {
        super("fieldfare-digital-output", "Fieldfare's digital outputs");
        this.chip = chip;
    }

    @Override
    public DigitalOutput create(DigitalOutputConfig config) {
        LineOutput output = new LineOutput(this, config, chip);
        context.registry().add(output);
        return output;
    }

    private static final class LineOutput extends DigitalOutputBase {
        private final Chip.Line line;

        LineOutput(DigitalOutputProvider provider, DigitalOutputConfig config, Chip chip) {
            super(provider, config);
            // The first level comes with the request for the pin: a relay must not click at the start.
            this.line = chip.output(new Pin(config.bcm()), config.initialState() == DigitalState.HIGH);
        }

        @Override
        public DigitalOutput state(DigitalState state) {
            line.set(state == DigitalState.HIGH);
            return super.state(state);
        }

        @Override
        public DigitalOutput shutdownInternal(Context context) {
            super.shutdownInternal(context); // sets the state for the time after
            line.close();
            return this;
        }
    }
}

package dev.fieldfare.gpio;

import com.pi4j.Pi4J;
import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputConfig;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalOutputConfig;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.PullResistance;
import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The pins of the board: gives buttons and outputs, and at the end puts outputs into their safe state and gives all pins
 * back. Safe for use by several threads.
 */
public final class Header implements AutoCloseable {
    private final Chip chip;
    private final Context context;
    private final Timer timer;
    private final Consumer<RuntimeException> failures;
    private final Map<Pin, String> uses = new HashMap<>();
    private final List<Button> buttons = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private boolean closed;

    private Header(Chip chip, Timer timer, Consumer<RuntimeException> failures) {
        this.chip = chip;
        this.timer = timer;
        this.failures = failures;
        this.context = Pi4J.newContextBuilder()
                .noAutoDetect()
                .disableShutdownHook()
                .add(new LineInputs(chip), new LineOutputs(chip))
                .build();
    }

    /**
     * The header of this board. No pin is touched yet.
     *
     * @param failures told what fails on threads of the header: an action of a button, a pin that is gone
     * @throws FieldfareException if the board has none or this user may not use it
     */
    public static Header ofBoard(Timer timer, Consumer<RuntimeException> failures) {
        return new Header(KernelChip.open(failures), timer, failures);
    }

    /** A header that is not there. */
    public static Header simulated(SimulatedPins pins, Timer timer, Consumer<RuntimeException> failures) {
        return new Header(pins.chip(), timer, failures);
    }

    /**
     * Takes a pin for a button.
     *
     * @throws FieldfareException if the pin is used already, here or by another program
     */
    public synchronized Button button(ButtonSettings settings) {
        reserve(settings.pin(), settings.name());
        DigitalInputConfig config = DigitalInput.newConfigBuilder(context)
                .id(settings.pin().toString())
                .name(settings.name())
                .bcm(settings.pin().number())
                .pull(
                        switch (settings.pull()) {
                            case UP -> PullResistance.PULL_UP;
                            case DOWN -> PullResistance.PULL_DOWN;
                            case NONE -> PullResistance.OFF;
                        })
                .debounce(settings.debounce().toNanos() / 1000, TimeUnit.MICROSECONDS)
                .onState(settings.isPressedHigh() ? DigitalState.HIGH : DigitalState.LOW)
                .build();
        try {
            Button button = new Button(settings, context.create(config), timer, failures);
            buttons.add(button);
            return button;
        } catch (RuntimeException e) {
            throw failure(settings.pin(), settings.name(), e);
        }
    }

    /**
     * Takes a pin for an output, and sets it as it is to be from the start.
     *
     * @throws FieldfareException if the pin is used already, here or by another program
     */
    public synchronized Output output(OutputSettings settings) {
        reserve(settings.pin(), settings.name());
        DigitalOutputConfig config = DigitalOutput.newConfigBuilder(context)
                .id(settings.pin().toString())
                .name(settings.name())
                .bcm(settings.pin().number())
                .initial(level(settings, settings.initial()))
                .shutdown(level(settings, settings.safe()))
                .onState(level(settings, true))
                .build();
        try {
            Output output = new Output(settings, context.create(config), timer, failures);
            outputs.add(output);
            return output;
        } catch (RuntimeException e) {
            throw failure(settings.pin(), settings.name(), e);
        }
    }

    private static DigitalState level(OutputSettings settings, boolean on) {
        return settings.level(on) ? DigitalState.HIGH : DigitalState.LOW;
    }

    private void reserve(Pin pin, String name) {
        if (closed) {
            throw new IllegalStateException("the header is closed");
        }
        String before = uses.putIfAbsent(pin, name);
        if (before != null) {
            throw new FieldfareException(
                    pin + " is used twice: by " + before + " and by " + name + "; give one of them another pin");
        }
    }

    /** Pi4J wraps what its providers throw. */
    private FieldfareException failure(Pin pin, String name, RuntimeException e) {
        uses.remove(pin);
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof FieldfareException known) {
                return new FieldfareException(name + ": " + known.getMessage(), e);
            }
        }
        throw e;
    }

    /** Buttons are deaf from now on, outputs safe; a second time does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        buttons.forEach(Button::close);
        outputs.forEach(Output::close);
        try (chip) {
            context.shutdown();
        }
    }
}

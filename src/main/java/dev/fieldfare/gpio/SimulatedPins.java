package dev.fieldfare.gpio;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * A header that is not there: what runs on it runs on a laptop, and a test presses its buttons and sees its lights. Safe
 * for use by several threads.
 */
public final class SimulatedPins {
    private final Map<Pin, Wire> wires = new ConcurrentHashMap<>();
    private final List<BiConsumer<Pin, Boolean>> watchers = new CopyOnWriteArrayList<>();

    /** What a pin is used as, until it is closed. */
    private final class Wire implements Chip.Line {
        private final Pin pin;
        private final boolean output;
        private final boolean restLevel;
        private final Chip.Listener listener;
        private boolean high;

        Wire(Pin pin, boolean output, boolean level, Chip.Listener listener) {
            this.pin = pin;
            this.output = output;
            this.restLevel = level;
            this.high = level;
            this.listener = listener;
        }

        @Override
        public synchronized boolean high() {
            return high;
        }

        @Override
        public synchronized void set(boolean level) {
            if (high != level) {
                high = level;
                listener.changed(level);
                watchers.forEach(watcher -> watcher.accept(pin, level));
            }
        }

        @Override
        public void close() {
            wires.remove(pin, this);
        }
    }

    /**
     * Presses the button at a pin, as a finger does: the level becomes the one that its pull does not hold. Returns when
     * whoever listens has been told.
     *
     * @throws FieldfareException if there is no button at the pin
     */
    public void press(Pin pin) {
        Wire wire = button(pin);
        wire.set(!wire.restLevel);
    }

    /** Lets go of it. */
    public void release(Pin pin) {
        Wire wire = button(pin);
        wire.set(wire.restLevel);
    }

    /** Presses and lets go. */
    public void click(Pin pin) {
        press(pin);
        release(pin);
    }

    /** Adds somebody who is told of every change of a pin's level, high or not, on the thread that makes it. */
    public void onChange(BiConsumer<Pin, Boolean> watcher) {
        watchers.add(watcher);
    }

    /** The level of a pin in use; empty for one that is not. */
    public Optional<Boolean> high(Pin pin) {
        return Optional.ofNullable(wires.get(pin)).map(Wire::high);
    }

    private Wire button(Pin pin) {
        Wire wire = wires.get(pin);
        if (wire == null || wire.output) {
            throw new FieldfareException("there is no button at " + pin + " of the simulated board");
        }
        return wire;
    }

    Chip chip() {
        return new Chip() {
            @Override
            public Line input(Pin pin, Pull pull, Duration debounce, Listener listener) {
                return connect(new Wire(pin, false, pull != Pull.DOWN, listener));
            }

            @Override
            public Line output(Pin pin, boolean high) {
                return connect(new Wire(pin, true, high, level -> {}));
            }

            @Override
            public void close() {
                // Nothing is held but lines.
            }
        };
    }

    private Wire connect(Wire wire) {
        if (wires.putIfAbsent(wire.pin, wire) != null) {
            throw new FieldfareException(wire.pin + " of the simulated board is in use already");
        }
        return wire;
    }
}

package dev.fieldfare.gpio;

import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalState;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A light, a relay, or anything else that is on or off. Safe for use by several threads. */
public final class Output {
    private final OutputSettings settings;
    private final DigitalOutput output;
    private final Timer timer;
    private final Consumer<RuntimeException> failures;
    private boolean on;
    private boolean closed;
    /** Counts what was asked for, so that a pulse whose time is over knows whether it is still the last word. */
    private long orders;

    private @Nullable Runnable cancelPulse;

    Output(OutputSettings settings, DigitalOutput output, Timer timer, Consumer<RuntimeException> failures) {
        this.settings = settings;
        this.output = output;
        this.timer = timer;
        this.failures = failures;
        this.on = settings.initial();
    }

    public OutputSettings settings() {
        return settings;
    }

    public synchronized boolean isOn() {
        return on;
    }

    public void on() {
        set(true);
    }

    public void off() {
        set(false);
    }

    /** Ends a pulse. After the header was closed, does nothing. */
    public synchronized void set(boolean wanted) {
        order();
        write(wanted);
    }

    /** On now, off when the time is over; a pulse during a pulse begins it anew. */
    public synchronized void pulse(Duration time) {
        order();
        if (closed) {
            return;
        }
        write(true);
        long order = orders;
        cancelPulse = timer.schedule(time, () -> end(order));
    }

    private synchronized void end(long order) {
        if (order != orders) {
            return;
        }
        try {
            order();
            write(false);
        } catch (RuntimeException e) {
            failures.accept(e);
        }
    }

    private void order() {
        orders++;
        if (cancelPulse != null) {
            cancelPulse.run();
            cancelPulse = null;
        }
    }

    private void write(boolean wanted) {
        if (closed || on == wanted) {
            return;
        }
        output.state(settings.level(wanted) ? DigitalState.HIGH : DigitalState.LOW);
        on = wanted;
    }

    /** What follows is not written any more: the header sets what is safe. */
    synchronized void close() {
        order();
        closed = true;
        on = settings.safe();
    }
}

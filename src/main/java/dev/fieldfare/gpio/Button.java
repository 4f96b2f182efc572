package dev.fieldfare.gpio;

import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A button. What is to be done when it is pressed is done on a thread of its own, one after the other, and should be
 * short; a failure of it is told to the header, and the button goes on.
 *
 * <p>Without an action for a long press, a press counts when it begins. With one, a press counts as short when the
 * button is let go before the time, and as long at the time, while it is still held.
 */
public final class Button {
    private final ButtonSettings settings;
    private final DigitalInput input;
    private final Timer timer;
    private final Consumer<RuntimeException> failures;
    private final List<Runnable> presses = new ArrayList<>();
    private final List<Runnable> longPresses = new ArrayList<>();
    /** Cancels the wait for a long press; null while none is waited for. */
    private @Nullable Runnable cancelLong;

    Button(ButtonSettings settings, DigitalInput input, Timer timer, Consumer<RuntimeException> failures) {
        this.settings = settings;
        this.input = input;
        this.timer = timer;
        this.failures = failures;
        input.addListener(event -> changed(event.state() == DigitalState.HIGH));
    }

    public ButtonSettings settings() {
        return settings;
    }

    /** Whether it is held down now. */
    public boolean pressed() {
        return input.state().isHigh() == settings.isPressedHigh();
    }

    /** Adds what is done when it is pressed. */
    public synchronized Button onPress(Runnable action) {
        presses.add(action);
        return this;
    }

    /** Adds what is done when it is held for the time in its settings. */
    public synchronized Button onLongPress(Runnable action) {
        longPresses.add(action);
        return this;
    }

    private void changed(boolean high) {
        List<Runnable> due = List.of();
        synchronized (this) {
            if (high == settings.isPressedHigh()) {
                if (longPresses.isEmpty()) {
                    due = List.copyOf(presses);
                } else {
                    cancelLong = timer.schedule(settings.longPress(), this::held);
                }
            } else if (cancelLong != null) {
                cancelLong.run();
                cancelLong = null;
                due = List.copyOf(presses);
            }
        }
        run(due);
    }

    private void held() {
        List<Runnable> due;
        synchronized (this) {
            if (cancelLong == null) {
                return; // let go at the same moment, and counted as short
            }
            cancelLong = null;
            due = List.copyOf(longPresses);
        }
        run(due);
    }

    private void run(List<Runnable> actions) {
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                failures.accept(e);
            }
        }
    }

    /** After this, nothing happens any more. */
    synchronized void close() {
        if (cancelLong != null) {
            cancelLong.run();
            cancelLong = null;
        }
        presses.clear();
        longPresses.clear();
    }
}

package dev.fieldfare.gpio;

import java.time.Duration;

/** The pins behind our Pi4J provider, by their levels: true is high, 3.3 V. */
interface Chip extends AutoCloseable {
    /** A pin in use. */
    interface Line extends AutoCloseable {
        boolean high();

        /** Of an output only. */
        void set(boolean high);

        @Override
        void close();
    }

    /** Told of each change of a level, one after the other. */
    interface Listener {
        void changed(boolean high);
    }

    /** @throws dev.fieldfare.FieldfareException if the pin is in use by another program, which the message names */
    Line input(Pin pin, Pull pull, Duration debounce, Listener listener);

    /** Likewise. */
    Line output(Pin pin, boolean high);

    @Override
    void close();
}

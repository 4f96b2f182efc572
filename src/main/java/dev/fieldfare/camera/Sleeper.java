package dev.fieldfare.camera;

import java.time.Duration;

/** How time is let pass, so that tests need not wait. */
@FunctionalInterface
public interface Sleeper {
    Sleeper REAL = Thread::sleep;

    void sleep(Duration duration) throws InterruptedException;
}

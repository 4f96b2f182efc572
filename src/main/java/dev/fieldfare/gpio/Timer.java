package dev.fieldfare.gpio;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does something later. Passed in, so that a test can let time pass as it likes. */
@FunctionalInterface
public interface Timer {
    /** Does it once, after the delay, on any thread; what is returned cancels it, to no effect once it was done. */
    Runnable schedule(Duration delay, Runnable task);

    /** On the executor's threads. */
    static Timer on(ScheduledExecutorService executor) {
        return (delay, task) -> {
            Future<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
    }
}

package dev.fieldfare.gpio;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.DeviceFile;
import dev.fieldfare.kernel.KernelException;
import dev.fieldfare.kernel.Struct;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pin that the kernel has given us. Closing gives it back. */
final class KernelLine implements Chip.Line {
    /** The level may be missed no longer than this, should an event get lost in the kernel's queue of 16. */
    private static final Duration GLANCE = Duration.ofSeconds(10);

    private final Pin pin;
    private final DeviceFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();
    private DeviceFile.@Nullable Alarm alarm;
    private @Nullable Thread watcher;

    KernelLine(Pin pin, DeviceFile file) {
        this.pin = pin;
        this.file = file;
    }

    /** Tells of each change on a thread of its own. */
    void watch(Chip.Listener listener, Consumer<RuntimeException> failures) {
        try {
            DeviceFile.Alarm end = new DeviceFile.Alarm();
            this.alarm = end;
            boolean first = high();
            this.watcher = Thread.ofPlatform().daemon().name("gpio-" + pin).start(() -> {
                try {
                    follow(listener, failures, end, first);
                } catch (KernelException e) {
                    failures.accept(failure("watching it", e));
                }
            });
        } catch (KernelException e) {
            FieldfareException failure = failure("preparing to watch it", e);
            close();
            throw failure;
        }
    }

    private void follow(
            Chip.Listener listener, Consumer<RuntimeException> failures, DeviceFile.Alarm end, boolean first)
            throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            Struct event = GpioAbi.LINE_EVENT.allocate(arena);
            boolean told = first;
            while (true) {
                switch (file.await(end, GLANCE)) {
                    case ALARM -> {
                        return;
                    }
                    case READY -> {
                        // One for each wait: the kernel's descriptor of a line blocks when there is none.
                        if (file.read(event)) {
                            told = tell(listener, failures, event.get("id") == GpioAbi.EVENT_RISING_EDGE, told);
                        }
                    }
                    case TIMEOUT -> told = tell(listener, failures, high(), told);
                    case TROUBLE -> throw new FieldfareException("GPIO " + pin + " is gone: its chip was removed");
                }
            }
        } catch (FieldfareException e) {
            failures.accept(e);
        }
    }

    /** Two edges of the same direction are one change: the one between them was too short, or lost. */
    private static boolean tell(
            Chip.Listener listener, Consumer<RuntimeException> failures, boolean high, boolean told) {
        if (high != told) {
            try {
                listener.changed(high);
            } catch (RuntimeException e) {
                failures.accept(e);
            }
        }
        return high;
    }

    @Override
    public boolean high() {
        lock.lock();
        try (Arena arena = Arena.ofConfined()) {
            Struct values = GpioAbi.LINE_VALUES.allocate(arena).setLong("mask", 1);
            file.ask(GpioAbi.GET_VALUES, values);
            return (values.getLong("bits") & 1) != 0;
        } catch (KernelException e) {
            throw failure("reading it", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void set(boolean high) {
        lock.lock();
        try (Arena arena = Arena.ofConfined()) {
            Struct values =
                    GpioAbi.LINE_VALUES.allocate(arena).setLong("mask", 1).setLong("bits", high ? 1 : 0);
            file.ask(GpioAbi.SET_VALUES, values);
        } catch (KernelException e) {
            throw failure("setting it", e);
        } finally {
            lock.unlock();
        }
    }

    private FieldfareException failure(String doing, KernelException e) {
        return new FieldfareException("GPIO " + pin + ": " + doing + " failed: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try {
            DeviceFile.Alarm end = alarm;
            if (end != null) {
                end.ring();
                awaitEnd(watcher);
                end.close();
            }
            lock.lock();
            try {
                file.close();
            } finally {
                lock.unlock();
            }
        } catch (KernelException e) {
            throw failure("giving it back", e);
        }
    }

    /** Its file must not be closed under it: the number may be another file's then. */
    private static void awaitEnd(@Nullable Thread watcher) {
        if (watcher == null || watcher == Thread.currentThread()) {
            return;
        }
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Remembers what happened, and lets a test wait for it. */
final class Recorder implements Action {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int read;

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public boolean wants(Event event) {
        return true;
    }

    @Override
    public void on(Event event) {
        lock.lock();
        try {
            events.add(event);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next event of a kind after the one that was last waited for. */
    <E extends Event> E await(Class<E> kind, Predicate<E> wanted) throws InterruptedException {
        long left = PATIENCE.toNanos();
        lock.lock();
        try {
            while (true) {
                for (; read < events.size(); read++) {
                    Event event = events.get(read);
                    if (kind.isInstance(event) && wanted.test(kind.cast(event))) {
                        read++;
                        return kind.cast(event);
                    }
                }
                if (left <= 0) {
                    return fail("no such " + kind.getSimpleName() + " among " + events.size()
                            + " events, of which no decisions: "
                            + events.stream()
                                    .filter(event -> !(event instanceof Event.Decided))
                                    .toList());
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    <E extends Event> E await(Class<E> kind) throws InterruptedException {
        return await(kind, event -> true);
    }

    @Override
    public void close() {
        // It has nothing to let go.
    }
}

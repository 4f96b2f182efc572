package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The thread of one action, and what waits for it. When the action is too slow the oldest events are dropped: what counts
 * is how things are now.
 */
final class Mailbox implements AutoCloseable {
    /** Decisions are seconds apart; so many waiting means that something hangs. */
    static final int MOST = 64;

    private static final long PATIENCE_SECONDS = 5;

    private final Action action;
    private final Consumer<String> log;
    private final Thread thread;
    private final Deque<Event> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private long dropped;

    Mailbox(Action action, Consumer<String> log) {
        this.action = action;
        this.log = log;
        this.thread =
                Thread.ofPlatform().daemon().name("action " + action.name()).start(this::run);
    }

    boolean wantsPictures() {
        return action.wantsPictures();
    }

    /** Never waits. */
    void put(Event event) {
        if (!action.wants(event)) {
            return;
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (waiting.size() == MOST) {
                waiting.removeFirst();
                if (dropped++ == 0) {
                    log.accept(action.name() + " is too slow: it misses what happened a while ago");
                }
            }
            waiting.addLast(event);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Event> take() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            return Optional.ofNullable(waiting.pollFirst());
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        attempt(action::start);
        try {
            for (Optional<Event> event = take(); event.isPresent(); event = take()) {
                Event next = event.get();
                attempt(() -> action.on(next));
            }
        } catch (InterruptedException e) {
            log.accept(action.name() + " was stopped in the middle of its work");
        }
        attempt(action::close);
    }

    /** One event that fails must not end an action for good; what went wrong is in the log. */
    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (FieldfareException failure) {
            log.accept(action.name() + ": " + failure.getMessage());
        } catch (RuntimeException mistake) {
            log.accept(action.name() + ": this is a mistake in Fieldfare, not yours: " + mistake);
        }
    }

    /** Lets the action finish what waits, for a while, then close. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
                thread.interrupt();
                thread.join(TimeUnit.SECONDS.toMillis(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.fieldfare.mqtt;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a broker told, in a thread of its own, whether the broker is there or not: a lost connection is opened again and
 * again, and a new one begins with everything that is to be known. Safe for several threads; nobody waits for the broker.
 */
final class BrokerLink implements AutoCloseable {
    /** Between two attempts, doubled each time. */
    record BackOff(Duration first, Duration longest) {
        static final BackOff USUAL = new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(1));
    }

    /** Short-lived messages that wait while the broker is slow; who gets so many reads none. */
    private static final int MOST_SAYINGS = 16;

    private static final int MOST_CLEARED = 256;

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final BrokerAddress address;
    private final Availability availability;
    private final List<String> listenTo;
    private final Consumer<BrokerConnection.Message> onMessage;
    private final BackOff backOff;
    private final InstantSource clock;
    private final Consumer<String> log;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, byte[]> kept = new LinkedHashMap<>();
    private final Set<String> stale = new LinkedHashSet<>();
    private final Deque<Saying> sayings = new ArrayDeque<>();
    private @Nullable String loss;
    private boolean closed;

    /** Where the broker tells whether the device is there. */
    record Availability(String topic, byte[] online, byte[] offline) {}

    private record Saying(String topic, byte[] payload, boolean retained) {}

    BrokerLink(
            BrokerAddress address,
            Availability availability,
            List<String> listenTo,
            Consumer<BrokerConnection.Message> onMessage,
            BackOff backOff,
            InstantSource clock,
            Consumer<String> log) {
        this.address = address;
        this.availability = availability;
        this.listenTo = List.copyOf(listenTo);
        this.onMessage = onMessage;
        this.backOff = backOff;
        this.clock = clock;
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("mqtt").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Makes this the topic's state, now or as soon as there is a broker; empty for none. */
    void keep(String topic, byte[] payload) {
        locked(() -> {
            kept.put(topic, payload);
            stale.add(topic);
        });
    }

    /** Whether something is kept for the topic. */
    boolean keeps(String topic) {
        lock.lock();
        try {
            return kept.containsKey(topic);
        } finally {
            lock.unlock();
        }
    }

    /** Says something once to who listens now. */
    void say(String topic, byte[] payload) {
        locked(() -> {
            if (sayings.size() < MOST_SAYINGS) {
                sayings.addLast(new Saying(topic, payload, false));
            }
        });
    }

    /**
     * Takes away what the broker keeps for a topic that is none of ours any more. Not remembered: strangers may fill any
     * number of topics. What is too much for now comes again with the next connection, and goes then.
     */
    void clear(String topic) {
        locked(() -> {
            if (sayings.size() < MOST_CLEARED) {
                sayings.addLast(new Saying(topic, new byte[0], true));
            }
        });
    }

    /** Publishes all that is kept once more. */
    void repeat() {
        locked(() -> stale.addAll(kept.keySet()));
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Duration wait = backOff.first();
        String told = "";
        try {
            while (!isClosed()) {
                End end = attend();
                if (isClosed()) {
                    return;
                }
                if (end.held().isPresent()) {
                    told = "";
                }
                // What goes on as before need not be told again.
                if (!end.reason().equals(told)) {
                    log.accept("broker " + address + ": " + end.reason() + "; it is tried again and again");
                    told = end.reason();
                }
                // A connection that held for long was not the trouble.
                if (end.held()
                        .filter(held -> held.compareTo(backOff.longest()) > 0)
                        .isPresent()) {
                    wait = backOff.first();
                }
                pause(wait);
                wait = wait.multipliedBy(2).compareTo(backOff.longest()) < 0 ? wait.multipliedBy(2) : backOff.longest();
            }
        } catch (InterruptedException e) {
            // Closed while it waited.
        } catch (RuntimeException mistake) {
            log.accept("mqtt: this is a mistake in Fieldfare, not yours: " + mistake);
        }
    }

    /**
     * How a connection ended.
     *
     * @param held how long it held, if there was one
     */
    private record End(String reason, Optional<Duration> held) {}

    /** One connection from beginning to end. */
    private End attend() throws InterruptedException {
        locked(() -> {
            loss = null;
            sayings.clear();
            stale.addAll(kept.keySet());
        });
        Optional<Instant> since = Optional.empty();
        String reason;
        try (BrokerConnection connection =
                BrokerConnection.open(address, availability.topic(), onMessage, this::lost)) {
            connection.listen(listenTo);
            publishAll(connection);
            connection.publish(availability.topic(), availability.online(), true);
            log.accept("broker " + address + ": connected");
            since = Optional.of(clock.instant());
            while (awaitNews()) {
                publishAll(connection);
            }
            if (loss() == null) {
                connection.publish(availability.topic(), availability.offline(), true);
            }
            reason = Optional.ofNullable(loss()).orElse("closed");
        } catch (FieldfareException e) {
            reason = e.getMessage();
        }
        return new End(reason, since.map(from -> Duration.between(from, clock.instant())));
    }

    private void publishAll(BrokerConnection connection) {
        for (Optional<Saying> next = next(); next.isPresent(); next = next()) {
            Saying saying = next.get();
            connection.publish(saying.topic(), saying.payload(), saying.retained());
        }
    }

    private Optional<Saying> next() {
        lock.lock();
        try {
            if (loss != null) {
                return Optional.empty();
            }
            for (String topic : stale) {
                stale.remove(topic);
                return Optional.of(new Saying(topic, kept.getOrDefault(topic, new byte[0]), true));
            }
            return Optional.ofNullable(sayings.pollFirst());
        } finally {
            lock.unlock();
        }
    }

    private void lost(String reason) {
        locked(() -> {
            if (loss == null) {
                loss = reason;
            }
        });
    }

    private @Nullable String loss() {
        lock.lock();
        try {
            return loss;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something to publish; false if the connection is lost or closed. */
    private boolean awaitNews() throws InterruptedException {
        lock.lock();
        try {
            while (loss == null && !closed && stale.isEmpty() && sayings.isEmpty()) {
                changed.await();
            }
            return loss == null && !(closed && stale.isEmpty());
        } finally {
            lock.unlock();
        }
    }

    private void pause(Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes leave of the broker, if that is quickly done. */
    @Override
    public void close() {
        locked(() -> closed = true);
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                thread.join(TimeUnit.SECONDS.toMillis(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

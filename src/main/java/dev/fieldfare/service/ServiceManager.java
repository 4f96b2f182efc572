package dev.fieldfare.service;

import dev.fieldfare.kernel.Datagram;
import dev.fieldfare.kernel.KernelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Tells systemd how the service is, by the protocol of sd_notify(3); where no systemd asks, nothing is told. That it cannot
 * be told stops nothing: it is said once. Safe for several threads.
 */
public final class ServiceManager {
    private final Optional<String> socket;
    private final Optional<Duration> watchdog;
    private final Consumer<String> log;
    private final AtomicBoolean failed = new AtomicBoolean();

    /**
     * @param environment with {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID} if systemd asks
     * @param process the number of this process
     */
    public ServiceManager(Map<String, String> environment, long process, Consumer<String> log) {
        this.log = log;
        this.socket = Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
                .filter(name -> name.startsWith("/") || name.startsWith("@"));
        String watched = environment.getOrDefault("WATCHDOG_PID", String.valueOf(process));
        this.watchdog = Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                .filter(time -> time.matches("[1-9]\\d{0,15}") && watched.equals(String.valueOf(process)))
                .map(time -> Duration.ofNanos(1000 * Long.parseLong(time)));
    }

    /** Whether systemd wants to know. */
    public boolean listens() {
        return socket.isPresent();
    }

    /** Everything runs. */
    public void ready() {
        tell("READY=1");
    }

    /** A sentence for {@code systemctl status}. */
    public void status(String words) {
        tell("STATUS=" + words.replaceAll("\\p{Cntrl}", " "));
    }

    /** It still does what it is there for. Told too rarely, systemd starts the service anew; see {@link #rhythm}. */
    public void alive() {
        tell("WATCHDOG=1");
    }

    /** It ends, because it was told to. */
    public void stopping() {
        tell("STOPPING=1");
    }

    /** How often to call {@link #alive}: twice in the time that systemd allows; empty where it does not ask. */
    public Optional<Duration> rhythm() {
        return socket.flatMap(name -> watchdog).map(time -> time.dividedBy(2));
    }

    private void tell(String message) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            Datagram.send(socket.get(), message.getBytes(StandardCharsets.UTF_8));
        } catch (KernelException | IllegalArgumentException e) {
            if (!failed.getAndSet(true)) {
                log.accept("systemd cannot be told how the service is: " + e.getMessage());
            }
        }
    }
}

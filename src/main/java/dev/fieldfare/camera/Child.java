package dev.fieldfare.camera;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running program whose output is read. It never outlives this one. */
final class Child implements AutoCloseable {
    private static final int KEPT_LINES = 12;
    private static final int KEPT_CHARACTERS = 300;
    /** How long a program may take to end when it is asked to. */
    private static final long GRACE_MILLIS = 400;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // A child that waits for a frame would not notice that nobody reads it any more.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Child::kill), "end of cameras"));
    }

    private final Process process;
    private final Thread drain;
    private final Deque<String> said = new ArrayDeque<>();

    private Child(Process process, String name) {
        this.process = process;
        this.drain = Thread.ofPlatform().daemon().name(name + " messages").start(this::drain);
    }

    /** @throws IOException if there is no such program, or it cannot be started */
    static Child start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        RUNNING.add(process);
        process.onExit().thenAccept(RUNNING::remove);
        process.getOutputStream().close();
        return new Child(process, command.getFirst());
    }

    /** What it writes to its standard output. */
    InputStream output() {
        return process.getInputStream();
    }

    private void drain() {
        try (BufferedReader lines = process.errorReader(Charset.defaultCharset())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                synchronized (said) {
                    said.addLast(line.strip()
                            .substring(0, Math.min(KEPT_CHARACTERS, line.strip().length())));
                    if (said.size() > KEPT_LINES) {
                        said.removeFirst();
                    }
                }
            }
        } catch (IOException e) {
            synchronized (said) {
                said.addLast("(its further messages cannot be read: " + e.getMessage() + ")");
            }
        }
    }

    /** The last lines that it wrote to its standard error, once it has ended all of them. */
    List<String> said() {
        try {
            if (!process.isAlive()) {
                drain.join(GRACE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (said) {
            return List.copyOf(said);
        }
    }

    /** Its exit status, after it has been made to end. */
    int end() {
        close();
        return process.isAlive() ? -1 : process.exitValue();
    }

    /** Whether it has ended, or does so in a moment. */
    boolean hasEnded() {
        try {
            return process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    /** Asks it to end, then makes it end; with all that it has started. */
    @Override
    public void close() {
        kill(process);
    }

    private static void kill(Process process) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        // Not Process.destroy: it would close the streams under those who read them.
        all.forEach(ProcessHandle::destroy);
        try {
            process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A child process that trains: of low priority, the first to go when memory runs out, and gone when this is closed. */
final class TrainingProcess implements AutoCloseable {
    private static final Path NICE = Path.of("/usr/bin/nice");

    /** From -1000 to 1000 (Linux, proc_pid_oom_score_adj): the kernel takes the training rather than anything else. */
    private static final String FIRST_TO_GO = "900";

    /** Statuses of a process that a signal ended begin here; 9 is SIGKILL, by which the kernel frees memory. */
    private static final int SIGNALLED = 128;

    private static final int KILL = 9;

    /** A report has some kilobytes; whatever says more is no report. */
    private static final int MOST_CHARACTERS = 16 << 20;

    private static final long PATIENCE_SECONDS = 5;

    private final Process process;
    private final StringBuilder out = new StringBuilder();
    private final List<Thread> readers = new ArrayList<>();
    private volatile String lastLine = "";

    private TrainingProcess(Process process) {
        this.process = process;
        readers.add(read(process.inputReader(StandardCharsets.UTF_8), line -> {
            if (out.length() < MOST_CHARACTERS) {
                out.append(line).append('\n');
            }
        }));
        readers.add(read(process.errorReader(StandardCharsets.UTF_8), line -> lastLine = line));
    }

    /** Takes the lines of a stream. */
    private interface Lines {
        void take(String line);
    }

    private Thread read(BufferedReader stream, Lines lines) {
        return Thread.ofPlatform().daemon().name("training's words").start(() -> {
            try (stream) {
                for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                    lines.take(line);
                }
            } catch (IOException e) {
                // It was ended while it spoke: what it said so far is all there is.
                if (process.isAlive()) {
                    throw new UncheckedIOException("what the retraining says cannot be read", e);
                }
            }
        });
    }

    /**
     * Starts it.
     *
     * @param bytes of memory that it may take; 0 for no limit
     * @throws FieldfareException if there is no such program, or the system does not take the limit
     */
    static TrainingProcess start(List<String> command, MemoryLimit limit, long bytes) {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            words.addAll(List.of(NICE.toString(), "-n", "10"));
        }
        words.addAll(command);
        try {
            ProcessBuilder builder = new ProcessBuilder(bytes > 0 ? limit.command(words, bytes) : words)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.environment()
                    .put(
                            TrainingParent.VARIABLE,
                            Long.toString(ProcessHandle.current().pid()));
            Process process = builder.start();
            makeFirstToGo(process);
            return new TrainingProcess(process);
        } catch (IOException e) {
            throw new FieldfareException("a retraining cannot be started: " + e.getMessage(), e);
        }
    }

    /** Whoever may not be told so by the system trains all the same. */
    private static void makeFirstToGo(Process process) {
        Path score = Path.of("/proc", Long.toString(process.pid()), "oom_score_adj");
        if (Files.isWritable(score)) {
            try {
                Files.writeString(score, FIRST_TO_GO);
            } catch (IOException e) {
                if (process.isAlive()) {
                    throw new UncheckedIOException("the kernel does not take " + score, e);
                }
            }
        }
    }

    /** Waits at most so long; true once it has ended and all that it said was read. */
    boolean hasEnded(Duration wait) throws InterruptedException {
        if (!process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        for (Thread reader : readers) {
            reader.join(Duration.ofSeconds(PATIENCE_SECONDS));
        }
        return true;
    }

    boolean hasSucceeded() {
        return process.exitValue() == 0;
    }

    /** Whether it was killed, as the kernel does when memory runs out. */
    boolean wasKilled() {
        return process.exitValue() == SIGNALLED + KILL;
    }

    /** What it printed as its result. */
    String result() {
        return out.toString();
    }

    /** Why it failed, by the last line that it said to people. */
    String lastWords() {
        return lastLine.isEmpty()
                ? "the retraining ended with status " + process.exitValue() + " and without a word"
                : lastLine.replaceFirst("^fieldfare: ", "");
    }

    /** Stops it where it stands. It keeps its memory. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (kill.waitFor() != 0 && process.isAlive()) {
                throw new FieldfareException("the retraining could not be told to " + name + " by the system's kill");
            }
        } catch (IOException e) {
            throw new FieldfareException(
                    "the system has no program 'kill' to pause a retraining with: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        process.destroy();
        // A process that was stopped hears of its end only when it goes on.
        signal("CONT");
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

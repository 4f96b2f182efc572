package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program for each event, with the event's fields as environment variables such as {@code FIELDFARE_LABEL}. */
public final class CommandAction implements Action {
    private static final File NOTHING = new File("/dev/null");
    private static final Duration LAST_WORDS = Duration.ofMillis(200);
    private static final int LONGEST_LINE = 300;

    private final CommandSettings settings;
    private final Path folder;

    /**
     * @param folder that the program runs in
     * @throws FieldfareException if the settings name no program
     */
    public CommandAction(CommandSettings settings, Path folder) {
        settings.requireComplete("commands");
        this.settings = settings;
        this.folder = folder;
    }

    @Override
    public String name() {
        return "command " + settings.run().getFirst();
    }

    @Override
    public void on(Event event) {
        if (settings.events().contains(EventKind.of(event)) && settings.when().matches(event)) {
            run(EventFields.of(event));
        }
    }

    private void run(Map<String, Object> fields) {
        ProcessBuilder builder = new ProcessBuilder(settings.run())
                .directory(folder.toFile())
                .redirectInput(NOTHING)
                .redirectErrorStream(true);
        fields.forEach((name, value) -> builder.environment()
                .put(
                        "FIELDFARE_" + name.toUpperCase(Locale.ROOT),
                        EventFields.text(value).replace("\0", "")));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot be started: " + e.getMessage() + "; check commands.run and that the file is executable", e);
        }
        LastLine output = new LastLine(process);
        try {
            if (!process.waitFor(settings.timeLimit().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new FieldfareException("killed after "
                        + settings.timeLimit().toMillis() + " ms" + "; commands.timeLimit allows more" + output.told());
            }
            if (process.exitValue() != 0) {
                throw new FieldfareException("ended with status " + process.exitValue() + output.told());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("killed, since the device stops", e);
        } finally {
            kill(process);
        }
    }

    /** With all that it started itself. */
    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Takes what a program prints, so that it need not wait, and keeps its last line for who asks. */
    private static final class LastLine {
        private final Thread thread;
        private volatile String line = "";

        LastLine(Process process) {
            thread = Thread.ofVirtual().start(() -> read(process));
        }

        private void read(Process process) {
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                StringBuilder current = new StringBuilder();
                for (int c = reader.read(); c >= 0; c = reader.read()) {
                    if (c == '\n') {
                        keep(current);
                        current.setLength(0);
                    } else if (current.length() < LONGEST_LINE && !Character.isISOControl(c)) {
                        current.append((char) c);
                    }
                }
                keep(current);
            } catch (IOException e) {
                // It was killed: nothing more is to come.
            }
        }

        private void keep(StringBuilder current) {
            String text = current.toString().strip();
            if (!text.isEmpty()) {
                line = text;
            }
        }

        /** The end of a sentence with the last line, if there was one. */
        String told() throws InterruptedException {
            thread.join(LAST_WORDS);
            return line.isEmpty() ? "" : "; its last words: " + line;
        }
    }

    @Override
    public void close() {
        // Nothing outlives an event.
    }
}

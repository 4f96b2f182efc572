package dev.fieldfare.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Lines for a log: with a priority where systemd's journal reads them, which has a clock of its own; else with the time.
 * What strangers wrote, such as labels, cannot pretend to be a line.
 *
 * @param journal whether the journal reads
 * @param clock of the lines, with its zone
 */
public record LogLines(boolean journal, Clock clock) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    /** As systemd's sd-daemon(3) numbers them. */
    public enum Priority {
        ERROR(3),
        WARNING(4),
        INFO(6);

        private final int number;

        Priority(int number) {
            this.number = number;
        }
    }

    /**
     * Lines for a stream of this process.
     *
     * @param environment with {@code JOURNAL_STREAM} if systemd started this, or something that started this
     * @param stream the file behind the stream, such as {@code /proc/self/fd/2}
     */
    public static LogLines to(Path stream, Map<String, String> environment, Clock clock) {
        return new LogLines(isJournal(stream, environment.getOrDefault("JOURNAL_STREAM", "")), clock);
    }

    /** The variable holds device and inode of the journal's stream; a child may have another stream, and the variable. */
    private static boolean isJournal(Path stream, String variable) {
        if (variable.isEmpty()) {
            return false;
        }
        try {
            Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
            return variable.equals(file.get("dev") + ":" + file.get("ino"));
        } catch (IOException | UnsupportedOperationException e) {
            return false; // a system without such files has no journal
        }
    }

    /** A sentence as a line. Its own lines become further ones. */
    public String format(Priority priority, String sentence) {
        String prefix = journal ? "<" + priority.number + ">" : TIME.format(LocalDateTime.now(clock)) + " ";
        return sentence.lines()
                .map(line -> prefix + line.replaceAll("\\p{Cntrl}", " "))
                .collect(Collectors.joining("\n"));
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLinesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T07:30:00Z"), ZoneOffset.ofHours(1));

    @Test
    void withTheTimeForPeople() {
        LogLines lines = new LogLines(false, CLOCK);
        assertEquals("2026-11-23 08:30:00 parts: nut", lines.format(LogLines.Priority.INFO, "parts: nut"));
    }

    @Test
    void withPriorityForTheJournal() {
        LogLines lines = new LogLines(true, CLOCK);
        assertEquals("<4>one\n<4>two", lines.format(LogLines.Priority.WARNING, "one\ntwo"));
        assertEquals("<3>a label x", lines.format(LogLines.Priority.ERROR, "a label\u001bx"));
    }

    /** The numbers are checked against those of the command stat. */
    @Test
    void journalIsKnownByDeviceAndInode(@TempDir Path folder) throws IOException, InterruptedException {
        Path file = Files.createFile(folder.resolve("stream"));
        Process stat = new ProcessBuilder("stat", "-c", "%d:%i", file.toString()).start();
        String numbers = new String(stat.getInputStream().readAllBytes()).strip();
        assertEquals(0, stat.waitFor());
        assertTrue(LogLines.to(file, Map.of("JOURNAL_STREAM", numbers), CLOCK).journal());
        assertFalse(LogLines.to(file, Map.of("JOURNAL_STREAM", numbers + "1"), CLOCK)
                .journal());
        assertFalse(LogLines.to(file, Map.of(), CLOCK).journal());
        assertFalse(LogLines.to(folder.resolve("no"), Map.of("JOURNAL_STREAM", numbers), CLOCK)
                .journal());
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CommandActionTest {
    @TempDir
    Path folder;

    private static Event decided(String label) {
        return new Event.Decided(Instant.EPOCH, "parts", label, "unknown", 0.5, Optional.empty());
    }

    private CommandAction action(String script, Duration limit) throws IOException {
        Path file = folder.resolve("program");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new CommandAction(
                new CommandSettings(
                        List.of(file.toString(), "first", "$HOME"), List.of(EventKind.DECIDED), When.ALWAYS, limit),
                folder);
    }

    /** A label is a stranger's text: no shell may see it. */
    @Test
    void fieldsAreVariablesAndNoShellReadsThem() throws IOException {
        String label = "nut; touch evil $(touch evil)";
        try (CommandAction action = action(
                "printf '%s\\n' \"$1\" \"$2\" \"$FIELDFARE_EVENT\" \"$FIELDFARE_CLASSIFIER\" \"$FIELDFARE_LABEL\""
                        + " \"$FIELDFARE_PROBABILITY\" >told",
                Duration.ofSeconds(10))) {
            action.on(new Event.Paused(Instant.EPOCH, true));
            assertFalse(Files.exists(folder.resolve("told")));
            action.on(decided(label));
        }
        assertEquals(
                List.of("first", "$HOME", "decided", "parts", label, "0.5"),
                Files.readAllLines(folder.resolve("told")));
        assertFalse(Files.exists(folder.resolve("evil")));
    }

    @Test
    void failureTellsTheLastLine() throws IOException {
        try (CommandAction action =
                action("yes | head -c 300000; echo; echo no light >&2; exit 3", Duration.ofSeconds(10))) {
            FieldfareException failure = assertThrows(FieldfareException.class, () -> action.on(decided("nut")));
            assertEquals("ended with status 3; its last words: no light", failure.getMessage());
        }
    }

    @Test
    void whatTakesTooLongIsKilledWithAllThatItStarted() throws Exception {
        try (CommandAction action = action("sleep 60 & echo $! >child; wait", Duration.ofMillis(700))) {
            FieldfareException failure = assertThrows(FieldfareException.class, () -> action.on(decided("nut")));
            assertTrue(failure.getMessage().startsWith("killed after 700 ms"), failure.getMessage());
        }
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
        while (ProcessHandle.of(child).map(ProcessHandle::isAlive).orElse(false)) {
            Thread.sleep(10);
        }
    }

    @Test
    void missingProgramIsSaid() {
        CommandAction action = new CommandAction(
                new CommandSettings(
                        List.of("/no/such/program"), List.of(EventKind.DECIDED), When.ALWAYS, Duration.ofSeconds(1)),
                folder);
        FieldfareException failure = assertThrows(FieldfareException.class, () -> action.on(decided("nut")));
        assertTrue(failure.getMessage().contains("commands.run"), failure.getMessage());
        assertThrows(FieldfareException.class, () -> new CommandAction(CommandSettings.DEFAULT, folder));
    }
}

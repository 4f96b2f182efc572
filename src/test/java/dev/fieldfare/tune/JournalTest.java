package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Journal}: what is left of a search that was interrupted. */
class JournalTest {
    private static final String IDENTITY = "{\"data\":\"pictures\",\"seed\":1}";

    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("tuning/journal.jsonl");
    }

    private static Trial trial(int candidate, String phase, double effort, double loss) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("optimizer.learningRate", 1.0E-5);
        values.put("train", "blocks:2");
        values.put("noise.dropout", 0.0);
        values.put("epochs", 25);
        return new Trial(
                candidate,
                phase,
                values,
                effort,
                List.of(loss, loss + 0.1 / 3),
                List.of(List.of(loss, 0.0312, 27.631), List.of(0.0)),
                List.of(0.5, 1.0),
                List.of(1.386, 0.1),
                List.of(1.3, 2e-9),
                0.875,
                1.25);
    }

    private static Trial diverged(int candidate) {
        return new Trial(
                candidate,
                "coarse",
                Map.of("optimizer.learningRate", 10.0),
                1,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                0,
                0.5);
    }

    private Journal open(String identity) {
        return Journal.open(file, identity);
    }

    @Test
    void whatWasAddedIsFoundAgain() {
        Trial first = trial(1, "coarse", 1.0 / 3, 0.4);
        Trial second = trial(1, "refine 1", 1, 0.3);
        try (Journal journal = open(IDENTITY)) {
            assertEquals(0, journal.size());
            journal.add(first, 2);
            journal.add(second, 2);
            assertEquals(Optional.of(first), journal.find(1, "coarse", 1.0 / 3, 2));
        }
        try (Journal journal = open(IDENTITY)) {
            assertEquals(2, journal.size());
            assertEquals(Optional.of(first), journal.find(1, "coarse", 1.0 / 3, 2), "to the last digit");
            assertEquals(Optional.of(second), journal.find(1, "refine 1", 1, 2));
            assertEquals(Optional.empty(), journal.find(1, "coarse", 1, 2), "another effort");
            assertEquals(Optional.empty(), journal.find(1, "coarse", 1.0 / 3, 5), "other folds");
            assertEquals(Optional.empty(), journal.find(2, "coarse", 1.0 / 3, 2), "other settings");
            journal.add(trial(3, "coarse", 1, 0.9), 2);
        }
        try (Journal journal = open(IDENTITY)) {
            assertEquals(3, journal.size(), "what comes later is added to it");
        }
    }

    /** A trial that diverged has no losses to tell how many folds it was for. */
    @Test
    void whatDivergedIsFoundAgain() {
        try (Journal journal = open(IDENTITY)) {
            journal.add(diverged(4), 5);
        }
        try (Journal journal = open(IDENTITY)) {
            Trial found = journal.find(4, "coarse", 1, 5).orElseThrow();
            assertEquals(diverged(4), found);
            assertTrue(found.diverged());
        }
    }

    /** Power failed in the middle of a line: it goes, what stood before it stays, and what comes after it is whole. */
    @Test
    void aTornLastLineIsDropped() throws IOException {
        try (Journal journal = open(IDENTITY)) {
            journal.add(trial(1, "coarse", 1, 0.4), 2);
            journal.add(trial(2, "coarse", 1, 0.5), 2);
        }
        byte[] whole = Files.readAllBytes(file);
        List<String> lines = Files.readAllLines(file);
        for (int torn : new int[] {1, 20, lines.getLast().length()}) {
            Files.write(file, whole);
            try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole.length - torn);
            }
            try (Journal journal = open(IDENTITY)) {
                assertEquals(1, journal.size(), torn + " bytes are missing");
                journal.add(trial(3, "coarse", 1, 0.6), 2);
            }
            try (Journal journal = open(IDENTITY)) {
                assertEquals(2, journal.size());
                assertTrue(journal.find(3, "coarse", 1, 2).isPresent());
            }
            assertEquals(3, Files.readAllLines(file).size(), "identity and two trials, nothing between them");
        }
    }

    @Test
    void aTornIdentityIsNoJournal() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, IDENTITY.substring(0, 8));
        try (Journal journal = open(IDENTITY)) {
            assertEquals(0, journal.size());
        }
        assertEquals(IDENTITY + "\n", Files.readString(file));
    }

    /** Other pictures, settings or seed: what was found does not hold for these. */
    @Test
    void anotherIdentityBeginsAnew() throws IOException {
        try (Journal journal = open(IDENTITY)) {
            journal.add(trial(1, "coarse", 1, 0.4), 2);
        }
        String other = IDENTITY.replace("1", "2");
        try (Journal journal = open(other)) {
            assertEquals(0, journal.size());
            assertEquals(Optional.empty(), journal.find(1, "coarse", 1, 2));
        }
        assertEquals(other + "\n", Files.readString(file));
    }

    @Test
    void whereNothingCanBeWrittenItSaysSo() throws IOException {
        Files.createDirectories(file);
        String message =
                assertThrows(FieldfareException.class, () -> open(IDENTITY)).getMessage();
        assertTrue(message.startsWith("cannot keep the journal of the search, " + file), message);
        assertTrue(message.endsWith("check the folder's permissions and free space"), message);
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a retraining that dies is told. {@link ServiceDayTest} has those that live. */
@Timeout(60)
class RetrainerTest {
    @TempDir
    Path home;

    private record Told(Optional<Boolean> wasReached) implements MemoryLimit {
        @Override
        public List<String> command(List<String> words, long bytes) {
            return words;
        }
    }

    private String failure(String script, Optional<Boolean> wasReached) throws Exception {
        Recorder recorder = new Recorder();
        Events events = new Events(List.of(recorder), line -> {});
        Files.createDirectories(home.resolve("models"));
        try (Retrainer retrainer = new Retrainer(
                arguments -> List.of("/bin/sh", "-c", script),
                new Told(wasReached),
                Health.FINE,
                Clock.systemUTC(),
                events)) {
            assertTrue(retrainer.request(new Retrainer.Job(
                    "parts", home, home, home.resolve("models/parts"), RetrainSettings.DEFAULT, () -> {
                        throw new AssertionError("nothing was learnt");
                    })));
            Event.Training end =
                    recorder.await(Event.Training.class, event -> event.stage().isEnd());
            assertEquals(Event.Training.Stage.FAILED, end.stage());
            assertEquals("", retrainer.running());
            assertEquals("failed: " + end.words(), retrainer.lastEnd("parts"));
            assertEquals("", retrainer.lastEnd("others"));
            return end.words();
        } finally {
            events.close();
        }
    }

    @Test
    void whoNeededMoreThanTheLimitIsToldWhatToDo() throws Exception {
        String words = failure("echo 'some words' >&2; kill -KILL $$", Optional.of(true));
        assertTrue(words.startsWith("the retraining needed more memory than its limit of "), words);
        assertTrue(words.contains("nothing has changed. Set retrain.training.budget"), words);
    }

    @Test
    void whereTheSystemDoesNotTellItIsAGuess() throws Exception {
        String words = failure("kill -KILL $$", Optional.empty());
        assertTrue(words.contains("most likely because it needed more memory than its limit of "), words);
    }

    @Test
    void whoWasKilledFromOutsideIsNotBlamed() throws Exception {
        String words = failure("kill -KILL $$", Optional.of(false));
        assertTrue(words.contains("killed from outside") && words.contains("End other programs"), words);
    }

    @Test
    void whoFailsSaysWhyItself() throws Exception {
        assertEquals("too few pictures", failure("echo 'fieldfare: too few pictures' >&2; exit 1", Optional.of(false)));
        assertEquals("the retraining ended with status 3 and without a word", failure("exit 3", Optional.of(false)));
    }
}

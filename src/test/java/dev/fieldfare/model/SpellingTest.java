package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    private static final List<String> KEYS = List.of("epochs", "batch", "budget", "learningRate", "warmUpEpochs");

    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "abc, '', 3",
        "kitten, sitting, 3",
        "flaw, lawn, 2",
        "same, same, 0",
        "epcohs, epochs, 1",
        "ca, abc, 3",
        "a, b, 1"
    })
    void distanceIsDameraus(String from, String to, int distance) {
        assertEquals(distance, Spelling.distance(from, to));
        assertEquals(distance, Spelling.distance(to, from));
    }

    @ParameterizedTest
    @CsvSource({
        "epoch, epochs",
        "epcohs, epochs",
        "EPOCHS, epochs",
        "learning-rate, learningRate",
        "learning_rate, learningRate",
        "learnigRate, learningRate",
        "warmupEpoch, warmUpEpochs",
        "bugdet, budget"
    })
    void findsWhatWasMeant(String word, String meant) {
        assertEquals(Optional.of(meant), Spelling.nearest(word, KEYS));
        assertEquals("; did you mean '" + meant + "'?", Spelling.hint(word, KEYS));
    }

    @Test
    void guessesNothingFarFetched() {
        assertEquals(Optional.empty(), Spelling.nearest("colour", KEYS));
        assertEquals(Optional.empty(), Spelling.nearest("b", KEYS));
        assertEquals(Optional.empty(), Spelling.nearest("epochs", List.of()));
        // The sentence that the hint is appended to ends all the same.
        assertEquals(".", Spelling.hint("colour", KEYS));
    }
}

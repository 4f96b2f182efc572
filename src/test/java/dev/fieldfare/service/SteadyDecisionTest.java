package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.predict.Prediction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SteadyDecisionTest {
    private static final DecisionSettings SETTINGS = new DecisionSettings(0.6, 0.4, 3, 5);

    /** {@code a70} is a look that finds a with 70 %, {@code b45?} one that finds b with 45 % far from all that is known. */
    private static Prediction look(String text) {
        double probability = Integer.parseInt(text.substring(1).replace("?", "")) / 100.0;
        List<String> labels = List.of("a", "b", "c", "d");
        float[] probabilities = new float[4];
        for (int i = 0; i < 4; i++) {
            boolean best = labels.get(i).charAt(0) == text.charAt(0);
            probabilities[i] = (float) (best ? probability : (1 - probability) / 3);
        }
        Prediction.Doubt doubt = text.endsWith("?") ? Prediction.Doubt.FAR : Prediction.Doubt.NONE;
        return new Prediction(labels, probabilities, 1, 0, 0, Double.NaN, doubt);
    }

    /** After each look, what is decided. */
    @ParameterizedTest
    @CsvSource({
        "a70 a70 a70 a70, unknown unknown a a",
        // one look that sees something else changes nothing
        "a90 a90 a90 b90 a90 b90, unknown unknown a a a a",
        // three of the last five, not in a row
        "a90 a90 a90 b90 a90 b90 b90, unknown unknown a a a a b",
        // too unsure for a new label, sure enough to keep it
        "a50 a50 a50 a70 a70 a70 a50 a45 a41, unknown unknown unknown unknown unknown a a a a",
        // too unsure even for that: three such looks, and nothing is known
        "a70 a70 a70 a39 a39 a39, unknown unknown a a a unknown",
        // sure of itself, but far from all that it has learnt
        "a70 a70 a70 a99? a99? a99?, unknown unknown a a a unknown",
        "a70 b70 c70 d70 a70 b70, unknown unknown unknown unknown unknown unknown"
    })
    void followsTheRule(String looks, String decisions) {
        SteadyDecision decision = new SteadyDecision(SETTINGS);
        List<String> decided = new ArrayList<>();
        for (String look : looks.split(" ")) {
            String before = decision.label();
            String told = decision.look(look(look)).orElse(before);
            assertEquals(decision.label(), told);
            decided.add(decision.label());
        }
        assertEquals(List.of(decisions.split(" ")), decided);
    }

    @Test
    void otherSettingsHoldFromTheNextLookOn() {
        SteadyDecision decision = new SteadyDecision(SETTINGS);
        decision.look(look("a70"));
        decision.settings(new DecisionSettings(0.6, 0.4, 1, 1));
        assertEquals("b", decision.look(look("b70")).orElseThrow());
    }
}

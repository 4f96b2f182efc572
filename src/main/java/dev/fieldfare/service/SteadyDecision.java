package dev.fieldfare.service;

import dev.fieldfare.predict.Prediction;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Optional;

/**
 * From looks, which flicker, to decisions, which do not. Each look votes: for its label if that is probable enough and
 * the model knows what it sees, else for {@code unknown}; the label that is decided on already is probable enough a little sooner (hysteresis). The decision
 * changes when so many of the last looks vote for the same other label. It begins at {@code unknown}. For one thread.
 */
public final class SteadyDecision {
    /** What is decided when the model does not know. */
    public static final String UNKNOWN = Prediction.UNKNOWN;

    private DecisionSettings settings;
    private final Deque<String> votes = new ArrayDeque<>();
    private String label = UNKNOWN;

    public SteadyDecision(DecisionSettings settings) {
        this.settings = settings;
    }

    /** Decides by other settings from now on; what is decided stays until looks say otherwise. */
    void settings(DecisionSettings settings) {
        this.settings = settings;
    }

    /** What is decided now. */
    public String label() {
        return label;
    }

    /**
     * Takes one more look into account.
     *
     * @return the new decision, if it is another than before
     */
    public Optional<String> look(Prediction prediction) {
        String best = prediction.label();
        double least = best.equals(label) ? settings.keep() : settings.confidence();
        String vote = !prediction.isUnknown() && prediction.probability() >= least ? best : UNKNOWN;
        votes.addLast(vote);
        while (votes.size() > settings.of()) {
            votes.removeFirst();
        }
        if (vote.equals(label) || Collections.frequency(votes, vote) < settings.frames()) {
            return Optional.empty();
        }
        label = vote;
        return Optional.of(label);
    }

    /** Forgets all looks, say because nobody looked for a while. */
    void reset() {
        votes.clear();
        label = UNKNOWN;
    }
}

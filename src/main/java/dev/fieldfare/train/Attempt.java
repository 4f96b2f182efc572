package dev.fieldfare.train;

import java.util.List;

/**
 * What came of one training that nobody keeps: on some pictures, measured on others.
 *
 * @param epochs its course; empty where it diverged
 * @param answers on the measuring pictures of the fold, in their order, in the last epoch, calibrated
 */
public record Attempt(List<TrainingReport.Epoch> epochs, Answers answers) {
    static final Attempt DIVERGED = new Attempt(List.of(), Answers.NONE);

    public Attempt {
        epochs = List.copyOf(epochs);
    }

    /** Whether the loss became no number. */
    public boolean diverged() {
        return epochs.isEmpty();
    }
}

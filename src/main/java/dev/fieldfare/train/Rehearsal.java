package dev.fieldfare.train;

/**
 * A whole training on a workbench, as a retraining would do it, measured on the held-back pictures from what the frozen
 * network made of them. Nothing is written.
 */
public final class Rehearsal {
    private final TrainingSettings settings;
    private final Trained trained;
    private final Answers answers;

    Rehearsal(TrainingSettings settings, Trained trained, Answers answers) {
        this.settings = settings;
        this.trained = trained;
        this.answers = answers;
    }

    /** What it was done with. */
    public TrainingSettings settings() {
        return settings;
    }

    /** What it says of the held-back pictures, before it is calibrated. */
    public Answers heldBack() {
        return answers;
    }

    Trained trained() {
        return trained;
    }
}

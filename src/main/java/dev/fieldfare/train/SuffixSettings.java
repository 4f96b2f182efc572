package dev.fieldfare.train;

/**
 * How layers before the last are trained, where any are.
 *
 * @param learningRate the highest; 0 takes one that suits the optimizer
 * @param epochs at most so many passes over the training pictures, up to 10,000; 0 takes as many as for the last layer,
 *     but no more than 30
 * @param start what the last layer begins with: trained first by itself, or zero. A last layer that knows nothing sends
 *     gradients down that spoil trained features (Kumar et al., "Fine-tuning can distort pretrained features and
 *     underperform out-of-distribution", 2022)
 * @param inputs whether what the frozen part computes is kept on the disk, or computed anew for every look, with views
 *     drawn anew; by default kept where there is room
 * @param l2 penalty on the squares of their weights, as {@code l2 / 2} times the sum
 * @param normalization what statistics batch normalizations use
 */
public record SuffixSettings(
        double learningRate, int epochs, Start start, InputsFrom inputs, double l2, Normalization normalization) {
    public static final SuffixSettings DEFAULT =
            new SuffixSettings(0, 0, Start.PROBE, InputsFrom.AUTO, 0, Normalization.FROZEN);

    /** What the last layer begins with. */
    public enum Start {
        /** Trained by itself first. */
        PROBE,
        /** Zero: for a network that has not learnt anything yet. */
        ZERO
    }

    /** Where the head gets its inputs from. */
    public enum InputsFrom {
        /** Kept where there is room on the disk. */
        AUTO,
        /** From the disk. */
        CACHED,
        /** Computed for every look. */
        FRESH
    }

    /** What statistics batch normalizations use. */
    public enum Normalization {
        /** Those of the trained network: right for small batches. */
        FROZEN,
        /** Those of the batch, while running ones are kept for use: for training from the start. */
        BATCH
    }

    /** Deeper layers begin trained: they need fewer passes than a last layer that begins at zero. */
    private static final int MOST_EPOCHS_UNASKED = 30;

    /** How many passes are meant, if the last layer by itself takes so many. */
    public int effectiveEpochs(int ofTheLastLayer) {
        return epochs > 0 ? epochs : Math.min(MOST_EPOCHS_UNASKED, ofTheLastLayer);
    }

    SuffixSettings withEpochs(int other) {
        return new SuffixSettings(learningRate, other, start, inputs, l2, normalization);
    }

    public SuffixSettings {
        Settings.requireRange("suffix.learningRate", learningRate, 0, 100);
        Settings.requireRange("suffix.epochs", epochs, 0, 10_000);
        Settings.requireRange("suffix.l2", l2, 0, 100);
    }
}

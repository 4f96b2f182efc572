package dev.fieldfare.train;

/**
 * When the new model is to answer that it does not know.
 *
 * @param below a probability: what is less probable is unknown; 0 for never
 * @param quantile share of the held-back pictures that are to be near enough to the training pictures: the distance that
 *     so many stay within is the limit. 0 for no distances at all
 */
public record UnknownSettings(double below, double quantile) {
    public static final UnknownSettings DEFAULT = new UnknownSettings(0, 0.99);

    public UnknownSettings {
        Settings.requireRange("unknown.below", below, 0, 1);
        Settings.requireRange("unknown.quantile", quantile, 0, 1);
    }
}

package dev.fieldfare.service;

/**
 * When a device makes up its mind; see {@link SteadyDecision}.
 *
 * @param confidence the least probability of a new label, 0 to 1; below it a look says {@code unknown}
 * @param keep the least probability of the label that is decided on already, at most {@code confidence}
 * @param frames so many looks must agree, 1 to {@code of}
 * @param of the last looks, 1 to 1000
 */
public record DecisionSettings(double confidence, double keep, int frames, int of) {
    public static final DecisionSettings DEFAULT = new DecisionSettings(0.6, 0.4, 3, 5);

    public DecisionSettings {
        Checks.requireShare("decision.confidence", confidence);
        Checks.requireShare("decision.keep", keep);
        Checks.require(
                keep <= confidence, "decision.keep", "at most decision.confidence, which is " + confidence, keep);
        Checks.requireRange("decision.of", of, 1, 1000);
        Checks.requireRange("decision.frames", frames, 1, of);
    }
}

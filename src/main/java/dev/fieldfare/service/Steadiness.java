package dev.fieldfare.service;

/**
 * How steady looks must be for one light, where that is not as its classifier decides.
 *
 * @param confidence the least probability of a look that counts; 0 for that of the classifier's decision
 * @param frames so many looks must agree; 0 for as many as there
 * @param of the last looks; 0 for as many as there, and at least {@code frames}
 */
public record Steadiness(double confidence, int frames, int of) {
    /** The rule, where the classifier decides like this. What is on is kept as long as the classifier would keep it. */
    DecisionSettings over(DecisionSettings classifier) {
        double least = confidence > 0 ? confidence : classifier.confidence();
        double keep = confidence > 0 ? Math.min(classifier.keep(), least) : classifier.keep();
        int last = of > 0 ? of : Math.max(classifier.of(), frames);
        int agreeing = frames > 0 ? frames : Math.min(classifier.frames(), last);
        return new DecisionSettings(least, keep, agreeing, last);
    }
}

package dev.fieldfare.train;

/**
 * Stops training when the validation loss has not become lower for a while, and remembers when it was lowest (Prechelt,
 * "Early stopping, but when?", 1998, criterion UP counted in epochs).
 */
final class EarlyStopping {
    private final int patience;
    private double lowest;
    private int bestEpoch;

    /** @param patience epochs without improvement after which to stop; 0 never stops */
    EarlyStopping(int patience) {
        this(patience, Double.POSITIVE_INFINITY, 0);
    }

    /** One that goes on from what was lowest so far. */
    EarlyStopping(int patience, double lowest, int bestEpoch) {
        this.patience = patience;
        this.lowest = lowest;
        this.bestEpoch = bestEpoch;
    }

    /** Notes an epoch's validation loss; true if it is the lowest so far. A loss that is no number never is. */
    boolean improves(int epoch, double loss) {
        if (loss < lowest) {
            lowest = loss;
            bestEpoch = epoch;
            return true;
        }
        return false;
    }

    boolean isOver(int epoch) {
        return patience > 0 && epoch - bestEpoch >= patience;
    }

    double lowest() {
        return lowest;
    }

    int bestEpoch() {
        return bestEpoch;
    }
}

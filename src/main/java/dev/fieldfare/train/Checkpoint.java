package dev.fieldfare.train;

import java.util.List;

/**
 * How far a training has come, besides its tensors. The noise has no state that would have to be in it: every random
 * decision is drawn from the seed, its purpose and its place ({@link dev.fieldfare.noise.Seed}), and so is the learning
 * rate computed from the step.
 *
 * @param refit whether it is being trained anew on all pictures
 * @param epoch that is being trained, counted from 1
 * @param tally what came of its first batches
 * @param lowest validation loss so far
 * @param lowestEpoch and its epoch, see {@link EarlyStopping}
 * @param best whose weights are kept
 * @param epochs that are over, before it is trained anew
 * @param stopped why these ended; empty while they go on
 */
record Checkpoint(
        boolean refit,
        int epoch,
        Tally tally,
        double lowest,
        int lowestEpoch,
        TrainingReport.Best best,
        List<TrainingReport.Epoch> epochs,
        String stopped) {

    /**
     * What came of the first batches of an epoch.
     *
     * @param loss summed over their pictures
     * @param right how many of these were told rightly
     */
    record Tally(int batches, double loss, int right) {
        static final Tally NONE = new Tally(0, 0, 0);

        Tally and(double moreLoss, int moreRight) {
            return new Tally(batches + 1, loss + moreLoss, right + moreRight);
        }
    }

    Checkpoint {
        epochs = List.copyOf(epochs);
    }

    Checkpoint at(Tally other) {
        return new Checkpoint(refit, epoch, other, lowest, lowestEpoch, best, epochs, stopped);
    }

    /** The same at the beginning of an epoch in which it is trained anew. */
    Checkpoint refitting(int epochOfRefit) {
        return new Checkpoint(true, epochOfRefit, Tally.NONE, lowest, lowestEpoch, best, epochs, stopped);
    }
}

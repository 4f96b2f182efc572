package dev.fieldfare.train;

/**
 * How a batch is cut up.
 *
 * @param batch pictures a step
 * @param microBatch pictures at a time, whose gradients add up
 * @param workers that share the micro-batches of a batch
 * @param threads of each worker, which share every operator
 * @param preparesWeights whether what depends on the weights alone is computed once a step and kept, which takes memory, or
 *     for each micro-batch
 */
public record Portions(int batch, int microBatch, int workers, int threads, boolean preparesWeights) {
    /** Weights are prepared where a worker has use for them more than once. */
    Portions(int batch, int microBatch, int workers, int threads) {
        this(batch, microBatch, workers, threads, microBatches(batch, microBatch) > workers);
    }

    /** All at once, by one thread. */
    static Portions whole(int batch) {
        return new Portions(batch, batch, 1, 1);
    }

    Portions withoutPreparation() {
        return new Portions(batch, microBatch, workers, threads, false);
    }

    int microBatches() {
        return microBatches(batch, microBatch);
    }

    private static int microBatches(int batch, int microBatch) {
        return (batch + microBatch - 1) / microBatch;
    }

    /** Whether a worker may have more than one micro-batch of a batch. */
    boolean accumulate() {
        return microBatches() > workers;
    }
}

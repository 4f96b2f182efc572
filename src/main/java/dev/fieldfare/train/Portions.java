package dev.fieldfare.train;

/**
 * How a batch is cut up.
 *
 * @param batch pictures a step
 * @param microBatch pictures at a time, whose gradients add up
 * @param workers that share the micro-batches of a batch
 * @param threads of each worker, which share every operator
 */
public record Portions(int batch, int microBatch, int workers, int threads) {
    /** All at once, by one thread. */
    static Portions whole(int batch) {
        return new Portions(batch, batch, 1, 1);
    }

    int microBatches() {
        return (batch + microBatch - 1) / microBatch;
    }

    /** Whether a worker may have more than one micro-batch of a batch. */
    boolean accumulate() {
        return microBatches() > workers;
    }
}

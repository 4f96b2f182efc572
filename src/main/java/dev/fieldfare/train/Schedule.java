package dev.fieldfare.train;

/**
 * The learning rate over a run: a linear warm-up, then half a cosine down to zero (Loshchilov and Hutter, "SGDR",
 * ICLR 2017, equation 5, without restarts).
 *
 * @param peak the highest learning rate
 * @param warmUpSteps steps of the warm-up, at least 0
 * @param steps of the whole run
 */
record Schedule(double peak, long warmUpSteps, long steps) {
    /** The learning rate of a step; steps count from 0. */
    double at(long step) {
        if (step < warmUpSteps) {
            return peak * (step + 1) / warmUpSteps;
        }
        double done = (double) (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
        return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
    }
}

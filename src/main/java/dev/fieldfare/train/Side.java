package dev.fieldfare.train;

/** What a labelled picture is used for. */
public enum Side {
    /** Trains the weights. */
    TRAIN,
    /** Says when to stop training. */
    VALIDATION,
    /** Is held back from all of that, and says in the end how good the model is. */
    TEST
}

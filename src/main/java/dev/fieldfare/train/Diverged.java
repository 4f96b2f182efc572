package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;

/** A training whose loss became no number: its steps are too large, or its inputs are no numbers. */
public final class Diverged extends FieldfareException {
    private static final long serialVersionUID = 1;

    Diverged(String message) {
        super(message);
    }
}

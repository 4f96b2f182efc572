package dev.fieldfare;

import java.util.Objects;

/**
 * A failure that the user can act on. Its message stands alone: what was wrong, where (file, line, key, tensor, node),
 * what was expected and what to do next. The command line prints the message and no stack trace; anything that is not
 * a {@code FieldfareException} is a bug of ours.
 */
public class FieldfareException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public FieldfareException(String message) {
        super(message);
    }

    public FieldfareException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Never null: a failure without a sentence for the user cannot be made. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}

package dev.fieldfare.kernel;

import java.io.IOException;

/** The kernel refused. Checked, since whoever asked has to say in the user's words what that means for the device. */
public final class KernelException extends IOException {
    private static final long serialVersionUID = 1;

    private final Errno errno;

    KernelException(String what, int number) {
        super(what + ": " + Errno.of(number).words() + " (errno " + number + ")");
        this.errno = Errno.of(number);
    }

    public Errno errno() {
        return errno;
    }
}

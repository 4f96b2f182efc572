package dev.fieldfare.kernel;

import java.util.Arrays;

/** Why the kernel refused, as far as anybody here acts on it; the numbers are those of every 64-bit Linux on arm and x86. */
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file"),
    EINTR(4, "interrupted by a signal"),
    EIO(5, "the device does not answer properly"),
    ENXIO(6, "no such device"),
    EAGAIN(11, "nothing there yet"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EBUSY(16, "in use"),
    ENODEV(19, "the device is gone"),
    EINVAL(22, "not a value that the device takes"),
    ENOTTY(25, "the device does not know the request"),
    ENOSPC(28, "no room, or not enough bandwidth on the bus"),
    EPIPE(32, "broken pipe"),
    ERANGE(34, "out of range"),
    /** Any other; the number is in the exception. */
    OTHER(-1, "an error of the kernel");

    private final int number;
    private final String words;

    Errno(int number, String words) {
        this.number = number;
        this.words = words;
    }

    /** What it means, as part of a sentence. */
    public String words() {
        return words;
    }

    static Errno of(int number) {
        return Arrays.stream(values())
                .filter(errno -> errno.number == number)
                .findFirst()
                .orElse(OTHER);
    }
}

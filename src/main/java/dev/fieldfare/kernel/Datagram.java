package dev.fieldfare.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Messages to a Unix datagram socket, which Java itself has not. */
public final class Datagram {
    private static final short UNIX = 1;
    private static final int DATAGRAM = 2;
    private static final int DO_NOT_WAIT = 0x40;
    private static final int NO_SIGNAL = 0x4000;

    /** Of the field sun_path of C's struct sockaddr_un. */
    private static final int LONGEST_PATH = 108;

    private Datagram() {}

    /**
     * Sends a message, without waiting for anybody.
     *
     * @param socket a path, or {@code @} and the name of an abstract socket (Linux, unix(7))
     * @throws KernelException if nobody reads there, or not fast enough
     * @throws IllegalArgumentException if the name is longer than the kernel takes
     */
    public static void send(String socket, byte[] message) throws KernelException {
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= LONGEST_PATH) {
            throw new IllegalArgumentException(
                    "a socket's name has 1 to " + (LONGEST_PATH - 1) + " bytes, not " + path.length);
        }
        boolean isAbstract = path[0] == '@';
        if (isAbstract) {
            path[0] = 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            // The family, the name, and a zero byte at its end, which in an abstract name would count.
            MemorySegment address = arena.allocate(Short.BYTES + path.length + (isAbstract ? 0 : 1L), Short.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, UNIX);
            MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, path.length);
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, message);
            int descriptor = SystemCalls.socket(UNIX, DATAGRAM | SystemCalls.CLOSE_ON_EXEC);
            try {
                SystemCalls.sendTo(descriptor, data, DO_NOT_WAIT | NO_SIGNAL, address);
            } finally {
                SystemCalls.close(descriptor);
            }
        }
    }
}

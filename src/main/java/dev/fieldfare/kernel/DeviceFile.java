package dev.fieldfare.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open device file, or another descriptor that came from one. Not for several threads at a time, except
 * {@link Alarm#ring}. One that was opened here never blocks but in {@link #await}.
 */
public final class DeviceFile implements AutoCloseable {
    private static final short READABLE = 1;
    private static final short TROUBLE = 8 | 16 | 32; // POLLERR, POLLHUP, POLLNVAL

    private final int descriptor;
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** What a wait ended with. */
    public enum Wake {
        READY,
        /** The device reports an error or went away; the next request to it says which. */
        TROUBLE,
        ALARM,
        TIMEOUT
    }

    private DeviceFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens for reading and writing. */
    public static DeviceFile open(Path path) throws KernelException {
        return new DeviceFile(SystemCalls.open(
                path.toString(), SystemCalls.READ_WRITE | SystemCalls.NON_BLOCKING | SystemCalls.CLOSE_ON_EXEC));
    }

    /** A descriptor that the kernel gave in a structure's field. Reading from it may block: wait first. */
    public static DeviceFile of(int descriptor) {
        return new DeviceFile(descriptor);
    }

    /** Makes a request; the structure is what it says it is about, and takes the answer. */
    public void ask(Ioctl request, Struct argument) throws KernelException {
        ask(request, argument.memory());
    }

    /** Makes a request whose argument is a pointer to an int. */
    public void ask(Ioctl request, int argument) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            ask(request, arena.allocateFrom(ValueLayout.JAVA_INT, argument));
        }
    }

    private void ask(Ioctl request, MemorySegment argument) throws KernelException {
        while (true) {
            try {
                SystemCalls.ioctl(descriptor(), request.name(), request.number(), argument);
                return;
            } catch (KernelException e) {
                // The JVM's own signals may arrive while a driver waits.
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /** Waits until there is something to read, the alarm rings, or the time is over. */
    public Wake await(Alarm alarm, Duration time) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(2 * SystemCalls.POLLFD.size(), Integer.BYTES);
            watch(both, 0, descriptor());
            watch(both, 1, alarm.file.descriptor());
            try {
                SystemCalls.poll(both, 2, Math.toIntExact(time.toMillis()));
            } catch (KernelException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
            if (seen(both, 1) != 0) {
                return Wake.ALARM;
            }
            short seen = seen(both, 0);
            return (seen & TROUBLE) != 0 ? Wake.TROUBLE : (seen & READABLE) != 0 ? Wake.READY : Wake.TIMEOUT;
        }
    }

    private static void watch(MemorySegment list, int index, int descriptor) {
        long at = index * SystemCalls.POLLFD.size();
        list.set(ValueLayout.JAVA_INT, at + SystemCalls.POLLFD.offset("fd"), descriptor);
        list.set(ValueLayout.JAVA_SHORT, at + SystemCalls.POLLFD.offset("events"), READABLE);
    }

    private static short seen(MemorySegment list, int index) {
        return list.get(
                ValueLayout.JAVA_SHORT, index * SystemCalls.POLLFD.size() + SystemCalls.POLLFD.offset("revents"));
    }

    /** Reads one structure; false when there is none to read now. */
    public boolean read(Struct into) throws KernelException {
        try {
            return SystemCalls.read(descriptor(), into.memory())
                    == into.memory().byteSize();
        } catch (KernelException e) {
            if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EINTR) {
                return false;
            }
            throw e;
        }
    }

    /** Memory that the device shares with us, until it is closed. */
    public Mapping map(long length, long offset) throws KernelException {
        return new Mapping(SystemCalls.map(descriptor(), length, offset));
    }

    private int descriptor() {
        if (!open.get()) {
            throw new IllegalStateException("the device file is closed");
        }
        return descriptor;
    }

    /** A second time does nothing: the number may belong to another file by then. */
    @Override
    public void close() throws KernelException {
        if (open.getAndSet(false)) {
            SystemCalls.close(descriptor);
        }
    }

    /** Memory shared with a device. */
    public static final class Mapping implements AutoCloseable {
        private final MemorySegment memory;
        private final AtomicBoolean mapped = new AtomicBoolean(true);

        private Mapping(MemorySegment memory) {
            this.memory = memory;
        }

        public long size() {
            return memory.byteSize();
        }

        /** Copies its first bytes. */
        public void copy(int length, byte[] to) {
            if (!mapped.get()) {
                throw new IllegalStateException("the memory is no longer mapped");
            }
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, to, 0, length);
        }

        @Override
        public void close() throws KernelException {
            if (mapped.getAndSet(false)) {
                SystemCalls.unmap(memory);
            }
        }
    }

    /** Ends waits from another thread; once rung, it stays so. */
    public static final class Alarm implements AutoCloseable {
        private final DeviceFile file;

        public Alarm() throws KernelException {
            this.file = new DeviceFile(SystemCalls.event());
        }

        /** From any thread. */
        public void ring() throws KernelException {
            try (Arena arena = Arena.ofConfined()) {
                SystemCalls.write(file.descriptor(), arena.allocateFrom(ValueLayout.JAVA_LONG, 1L));
            }
        }

        @Override
        public void close() throws KernelException {
            file.close();
        }
    }
}

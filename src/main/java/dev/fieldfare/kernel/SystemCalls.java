package dev.fieldfare.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The C library's functions that device files need. Each returns what C returns, or throws what errno says. */
final class SystemCalls {
    static final int READ_WRITE = 2;
    static final int NON_BLOCKING = 04000;
    static final int CLOSE_ON_EXEC = 02000000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO_KEPT = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    // On arm64 of Apple, variadic arguments are passed differently; on Linux the option changes nothing, but is right.
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(2);
    private static final MethodHandle OPEN = find("open", JAVA_INT, VARIADIC, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = find("close", JAVA_INT, null, JAVA_INT);
    private static final MethodHandle IOCTL = find("ioctl", JAVA_INT, VARIADIC, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle POLL = find("poll", JAVA_INT, null, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle READ = find("read", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = find("write", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle EVENTFD = find("eventfd", JAVA_INT, null, JAVA_INT, JAVA_INT);
    private static final MethodHandle MUNMAP = find("munmap", JAVA_INT, null, ADDRESS, JAVA_LONG);
    private static final MethodHandle SOCKET = find("socket", JAVA_INT, null, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SENDTO =
            find("sendto", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle MMAP =
            find("mmap", ADDRESS, null, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);

    private SystemCalls() {}

    /** A call, given where to leave errno. */
    private interface Call {
        long with(MemorySegment state) throws Throwable;
    }

    private static MethodHandle find(
            String name, MemoryLayout result, Linker.@Nullable Option option, MemoryLayout... parameters) {
        FunctionDescriptor descriptor = FunctionDescriptor.of(result, parameters);
        MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
        return option == null
                ? LINKER.downcallHandle(function, descriptor, ERRNO_KEPT)
                : LINKER.downcallHandle(function, descriptor, option, ERRNO_KEPT);
    }

    static int open(String path, int flags) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int) check("open " + path, arena, state -> (int) OPEN.invokeExact(state, name, flags, 0));
        }
    }

    static int event() throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    check("eventfd", arena, state -> (int) EVENTFD.invokeExact(state, 0, NON_BLOCKING | CLOSE_ON_EXEC));
        }
    }

    static void close(int descriptor) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            check("close", arena, state -> (int) CLOSE.invokeExact(state, descriptor));
        }
    }

    static int ioctl(int descriptor, String name, long request, MemorySegment argument) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check(name, arena, state -> (int) IOCTL.invokeExact(state, descriptor, request, argument));
        }
    }

    static int poll(MemorySegment descriptors, long count, int milliseconds) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check("poll", arena, state -> (int) POLL.invokeExact(state, descriptors, count, milliseconds));
        }
    }

    static long read(int descriptor, MemorySegment into) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            return check("read", arena, state -> (long) READ.invokeExact(state, descriptor, into, into.byteSize()));
        }
    }

    static void write(int descriptor, MemorySegment from) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            check("write", arena, state -> (long) WRITE.invokeExact(state, descriptor, from, from.byteSize()));
        }
    }

    static int socket(int family, int type) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check("socket", arena, state -> (int) SOCKET.invokeExact(state, family, type, 0));
        }
    }

    static void sendTo(int descriptor, MemorySegment data, int flags, MemorySegment address) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            check("sendto", arena, state -> (long) SENDTO.invokeExact(
                    state, descriptor, data, data.byteSize(), flags, address, (int) address.byteSize()));
        }
    }

    /** Maps {@code length} bytes of the file for reading and writing, shared with the kernel. */
    static MemorySegment map(int descriptor, long length, long offset) throws KernelException {
        int readAndWrite = 3;
        int shared = 1;
        try (Arena arena = Arena.ofConfined()) {
            long address = check(
                    "mmap",
                    arena,
                    state -> ((MemorySegment) MMAP.invokeExact(
                                    state, MemorySegment.NULL, length, readAndWrite, shared, descriptor, offset))
                            .address());
            return MemorySegment.ofAddress(address).reinterpret(length);
        }
    }

    static void unmap(MemorySegment mapped) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            check("munmap", arena, state -> (int) MUNMAP.invokeExact(state, mapped, mapped.byteSize()));
        }
    }

    /** All of these functions return -1, also as an address, when errno tells more. */
    private static long check(String what, Arena arena, Call call) throws KernelException {
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        long result;
        try {
            result = call.with(state);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a call into the C library threw", e);
        }
        if (result == -1) {
            throw new KernelException(what, (int) ERRNO.get(state, 0L));
        }
        return result;
    }

    /** The layout of C's struct pollfd; its size is 8. */
    static final StructType POLLFD = StructType.of(
            "pollfd",
            JAVA_INT.withName("fd"),
            ValueLayout.JAVA_SHORT.withName("events"),
            ValueLayout.JAVA_SHORT.withName("revents"));
}

package dev.fieldfare.kernel;

/**
 * A request to a device: its C name, its number, and the structure that goes with it.
 *
 * @param name the macro's, for messages
 * @param number as {@code asm-generic/ioctl.h} makes it
 */
public record Ioctl(String name, long number) {
    private static final long WRITE = 1;
    private static final long READ = 2;

    /** The kernel fills the structure: {@code _IOR}. */
    public static Ioctl read(String name, int type, int number, StructType struct) {
        return new Ioctl(name, encode(READ, type, number, struct.size()));
    }

    /** The kernel reads an int: {@code _IOW} of one. */
    public static Ioctl writeInt(String name, int type, int number) {
        return new Ioctl(name, encode(WRITE, type, number, Integer.BYTES));
    }

    /** The kernel reads the structure: {@code _IOW}. */
    public static Ioctl write(String name, int type, int number, StructType struct) {
        return new Ioctl(name, encode(WRITE, type, number, struct.size()));
    }

    /** The kernel reads and changes the structure: {@code _IOWR}. */
    public static Ioctl readWrite(String name, int type, int number, StructType struct) {
        return new Ioctl(name, encode(READ | WRITE, type, number, struct.size()));
    }

    private static long encode(long direction, int type, int number, long size) {
        return direction << 30 | size << 16 | (long) type << 8 | number;
    }
}

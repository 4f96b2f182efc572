package dev.fieldfare.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A structure in memory that the kernel reads and writes. Fields are called by their C names, see {@link StructType}. */
public final class Struct {
    private final StructType type;
    private final MemorySegment memory;

    Struct(StructType type, MemorySegment memory) {
        this.type = type;
        this.memory = memory;
    }

    MemorySegment memory() {
        return memory;
    }

    /** All zeros again. */
    public Struct clear() {
        memory.fill((byte) 0);
        return this;
    }

    /** A field of 32 bits. */
    public int get(String field) {
        return memory.get(ValueLayout.JAVA_INT, type.offset(field));
    }

    public Struct set(String field, int value) {
        memory.set(ValueLayout.JAVA_INT, type.offset(field), value);
        return this;
    }

    /** A field of 32 bits without a sign. */
    public long getUnsigned(String field) {
        return Integer.toUnsignedLong(get(field));
    }

    /** A field of 64 bits. */
    public long getLong(String field) {
        return memory.get(ValueLayout.JAVA_LONG, type.offset(field));
    }

    public Struct setLong(String field, long value) {
        memory.set(ValueLayout.JAVA_LONG, type.offset(field), value);
        return this;
    }

    /** A field of characters, up to its first zero or its end. */
    public String text(String field) {
        long offset = type.offset(field);
        byte[] bytes = memory.asSlice(offset, type.member(field).byteSize()).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Sets a field of characters; what is too long for it is cut off, and a zero always ends it. */
    public Struct setText(String field, String value) {
        MemorySegment to = memory.asSlice(type.offset(field), type.member(field).byteSize());
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        to.fill((byte) 0);
        MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, 0, (int) Math.min(bytes.length, to.byteSize() - 1));
        return this;
    }
}

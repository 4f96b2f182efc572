package dev.fieldfare.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A structure as the kernel lays it out: its C name and its fields by their C names, {@code "fmt.pix.width"} for one in
 * an inner structure. Gaps are unnamed. {@code StructTypesTest} compares all of them with what a C compiler says.
 */
public final class StructType {
    private final String name;
    private final StructLayout layout;
    private final Map<String, Long> offsets = new LinkedHashMap<>();

    private StructType(String name, StructLayout layout) {
        this.name = name;
        this.layout = layout;
        for (MemoryLayout member : layout.memberLayouts()) {
            member.name().ifPresent(field -> offsets.put(field, layout.byteOffset(PathElement.groupElement(field))));
        }
    }

    /** @throws IllegalArgumentException if a member does not lie at a multiple of its alignment */
    public static StructType of(String name, MemoryLayout... members) {
        return new StructType(name, MemoryLayout.structLayout(members).withName(name));
    }

    /** The name behind {@code struct} in C. */
    public String name() {
        return name;
    }

    public long size() {
        return layout.byteSize();
    }

    /** Field to offset in bytes, in order. */
    public Map<String, Long> offsets() {
        return java.util.Collections.unmodifiableMap(offsets);
    }

    /** A structure of zeros that lives as long as the arena. */
    public Struct allocate(Arena arena) {
        return new Struct(this, arena.allocate(layout));
    }

    long offset(String field) {
        Long offset = offsets.get(field);
        if (offset == null) {
            throw new IllegalArgumentException(name + " has no field " + field + ", but " + offsets.keySet());
        }
        return offset;
    }

    MemoryLayout member(String field) {
        offset(field);
        return layout.select(PathElement.groupElement(field));
    }
}

package dev.fieldfare.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The dimensions of a value. A dimension without a size has a name (say {@code N}) or is wholly unknown. */
public record Shape(List<Dimension> dimensions) {

    /**
     * One dimension.
     *
     * @param size elements, or -1 where the model leaves it open
     * @param symbol the name that the model gives an open size; empty where it gives none
     */
    public record Dimension(long size, String symbol) {
        public boolean isFixed() {
            return size >= 0;
        }

        @Override
        public String toString() {
            if (isFixed()) {
                return Long.toString(size);
            }
            return symbol.isEmpty() ? "?" : symbol;
        }
    }

    public Shape {
        dimensions = List.copyOf(dimensions);
    }

    /** A shape of fixed sizes; a negative size is an unknown one. */
    public static Shape of(long... sizes) {
        return new Shape(Arrays.stream(sizes)
                .mapToObj(size -> new Dimension(Math.max(size, -1), ""))
                .toList());
    }

    public int rank() {
        return dimensions.size();
    }

    /** The size of a dimension, -1 where it is open. */
    public long size(int dimension) {
        return dimensions.get(dimension).size();
    }

    /** Whether every size is known. */
    public boolean isFixed() {
        return dimensions.stream().allMatch(Dimension::isFixed);
    }

    /** The sizes, -1 where open. */
    public long[] sizes() {
        return dimensions.stream().mapToLong(Dimension::size).toArray();
    }

    /**
     * The number of elements: 1 for a scalar.
     *
     * @throws IllegalStateException if a size is open
     */
    public long elements() {
        if (!isFixed()) {
            throw new IllegalStateException("the shape " + this + " has open sizes");
        }
        return dimensions.stream().mapToLong(Dimension::size).reduce(1, Math::multiplyExact);
    }

    /**
     * Whether the sizes that are known make a number of elements that can be counted on with: less than 2^48, for memory
     * of up to a petabyte, and so that sums of bytes do not overflow.
     */
    public boolean isCountable() {
        double elements = 1; // overflows to what is larger than everything
        for (Dimension dimension : dimensions) {
            elements *= dimension.isFixed() ? Math.max(1, dimension.size()) : 1;
        }
        return elements < 0x1p48;
    }

    /** The same shape with another size in one dimension. */
    public Shape with(int dimension, long size) {
        long[] sizes = sizes();
        sizes[dimension] = size;
        return of(sizes);
    }

    @Override
    public String toString() {
        return dimensions.stream().map(Dimension::toString).collect(Collectors.joining(" x ", "[", "]"));
    }
}

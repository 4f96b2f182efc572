package dev.fieldfare.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A constant tensor: element type, shape, and its elements as little-endian bytes in row-major order. Read-only. The
 * bytes may lie in a mapped file, so that a model's weights cost no heap until somebody asks for them.
 */
public final class TensorData {
    private static final int LARGE = 1 << 16;

    private final ElementType type;
    private final Shape shape;
    private final ByteBuffer bytes;

    /**
     * @param bytes from position to limit; shared, not copied
     * @throws IllegalArgumentException if the number of bytes does not fit type and shape
     */
    public TensorData(ElementType type, Shape shape, ByteBuffer bytes) {
        long expected = type.bytes(shape.elements());
        if (type == ElementType.STRING || bytes.remaining() != expected) {
            throw new IllegalArgumentException("a tensor " + shape + " of " + type + " takes " + expected
                    + " bytes, but there are " + bytes.remaining());
        }
        this.type = type;
        this.shape = shape;
        this.bytes = bytes.slice().asReadOnlyBuffer();
    }

    /** A float32 tensor; the array is copied. */
    public static TensorData ofFloats(float[] values, long... sizes) {
        ByteBuffer bytes = allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return new TensorData(ElementType.FLOAT, Shape.of(sizes), bytes);
    }

    /** A float32 tensor of the elements from the buffer's position on, which are copied. */
    public static TensorData ofFloats(FloatBuffer values, Shape shape) {
        ByteBuffer bytes = allocate(values.remaining() * Float.BYTES);
        bytes.asFloatBuffer().put(values.duplicate());
        return new TensorData(ElementType.FLOAT, shape, bytes);
    }

    /** A one-dimensional int64 tensor, as operators take axes, shapes and pads. */
    public static TensorData ofLongs(long... values) {
        ByteBuffer bytes = allocate(values.length * Long.BYTES);
        bytes.asLongBuffer().put(values);
        return new TensorData(ElementType.INT64, Shape.of(values.length), bytes);
    }

    /** A float32 scalar. */
    public static TensorData ofScalar(float value) {
        return ofFloats(new float[] {value});
    }

    /** Room for elements: off the heap where they are many, since the heap is small and weights are large. */
    static ByteBuffer allocate(int bytes) {
        ByteBuffer buffer = bytes < LARGE
                ? ByteBuffer.allocate(bytes)
                : Arena.ofAuto().allocate(bytes).asByteBuffer();
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    public ElementType type() {
        return type;
    }

    public Shape shape() {
        return shape;
    }

    /** Whether the elements lie in a mapped file, whose pages are in memory only after they were read. */
    public boolean isMapped() {
        return bytes.isDirect() && MemorySegment.ofBuffer(bytes).isMapped();
    }

    /** Says that the elements will not be read soon: pages of a mapped file leave memory until they are. */
    public void unload() {
        if (isMapped()) {
            MemorySegment.ofBuffer(bytes).unload();
        }
    }

    /** The elements as they lie in the file, little-endian; a view of its own for every caller. */
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A copy of the elements of a float32 tensor.
     *
     * @throws IllegalStateException for another element type
     */
    public float[] floats() {
        require(ElementType.FLOAT);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes().asFloatBuffer().get(values);
        return values;
    }

    /**
     * A copy of the elements of an int64 tensor.
     *
     * @throws IllegalStateException for another element type
     */
    public long[] longs() {
        require(ElementType.INT64);
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes().asLongBuffer().get(values);
        return values;
    }

    private void require(ElementType wanted) {
        if (type != wanted) {
            throw new IllegalStateException("a tensor of " + type + " was read as " + wanted);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorData that
                && type == that.type
                && Arrays.equals(shape.sizes(), that.shape.sizes())
                && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * type.hashCode() + Arrays.hashCode(shape.sizes())) + bytes.hashCode();
    }

    @Override
    public String toString() {
        return type + " " + shape;
    }
}

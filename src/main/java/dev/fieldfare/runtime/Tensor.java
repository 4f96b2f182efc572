package dev.fieldfare.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.fieldfare.onnx.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * A float32 tensor in native memory that a session reads from or writes to without a copy. It is allocated once and
 * used again and again, so that memory is known before a run begins. Close it when done.
 */
public final class Tensor implements AutoCloseable {
    /** Bytes: a cache line, and the widest vector that a processor loads. */
    private static final long ALIGNMENT = 64;

    private final OnnxTensor tensor;
    private final Arena memory;
    private final FloatBuffer elements;
    private final Shape shape;

    private Tensor(OnnxTensor tensor, Arena memory, FloatBuffer elements, Shape shape) {
        this.tensor = tensor;
        this.memory = memory;
        this.elements = elements;
        this.shape = shape;
    }

    /** Zeros of this shape; no sizes make a scalar. */
    public static Tensor zeros(long... sizes) {
        return zeros(Shape.of(sizes));
    }

    /** Zeros of this (fixed) shape. */
    @SuppressWarnings("MustBeClosedChecker") // the tensor owns its memory, and is closed itself
    public static Tensor zeros(Shape shape) {
        // An arena of its own and not a direct buffer: these are limited to the size of the (small) heap, and are freed
        // when the collector comes by. Sessions run in several threads, and any of them may close.
        Arena memory = Arena.ofShared();
        FloatBuffer elements = floats(memory, shape.elements());
        try {
            OnnxTensor tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), elements, shape.sizes());
            return new Tensor(tensor, memory, elements, shape);
        } catch (OrtException e) {
            memory.close();
            throw new IllegalStateException("cannot make a tensor " + shape + ": " + e.getMessage(), e);
        }
    }

    /** A tensor of this shape with these elements, in row-major order. */
    public static Tensor of(float[] values, long... sizes) {
        Tensor tensor = zeros(sizes);
        tensor.elements().put(values);
        return tensor;
    }

    public Shape shape() {
        return shape;
    }

    /** The elements themselves, in row-major order, from the first to the last; a cursor of its own for every caller. */
    public FloatBuffer elements() {
        return elements.duplicate();
    }

    private static FloatBuffer floats(Arena memory, long count) {
        // No elements are still a buffer with an address.
        return memory.allocate(Math.max(1, count) * Float.BYTES, ALIGNMENT)
                .asSlice(0, count * Float.BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** A copy of the elements, off the heap; the memory is given back when nobody holds the buffer any more. */
    public FloatBuffer copy() {
        return floats(Arena.ofAuto(), elements.capacity()).put(elements()).flip();
    }

    /** A copy of the elements. */
    public float[] toArray() {
        float[] values = new float[elements.capacity()];
        elements().get(values);
        return values;
    }

    /** Sets the only element of a scalar. */
    public void set(float value) {
        if (elements.capacity() != 1) {
            throw new IllegalStateException("a tensor " + shape + " is not a scalar");
        }
        elements.put(0, value);
    }

    /** Sets all elements to zero. */
    public void clear() {
        MemorySegment.ofBuffer(elements()).fill((byte) 0);
    }

    OnnxTensor onnx() {
        return tensor;
    }

    @Override
    public void close() {
        tensor.close();
        memory.close();
    }
}

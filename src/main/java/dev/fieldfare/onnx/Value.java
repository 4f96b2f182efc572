package dev.fieldfare.onnx;

import org.jspecify.annotations.Nullable;

/**
 * A named value of a graph: what flows along an edge.
 *
 * @param shape null where the model does not even say the rank
 */
public record Value(String name, ElementType type, @Nullable Shape shape) {
    /** A float32 value of this shape. */
    public static Value ofFloats(String name, long... sizes) {
        return new Value(name, ElementType.FLOAT, Shape.of(sizes));
    }

    public Value withShape(Shape newShape) {
        return new Value(name, type, newShape);
    }
}

package dev.fieldfare.onnx;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Operators on constants: those that move elements without looking at them, the few conversions that exporters leave in
 * front of weights and shapes, and arithmetic on sizes. Written for operator set 18 (13 to 20 where they did not change). What is not
 * known here, or would not be exact, is simply not computed.
 */
final class ConstantOperators {
    private static final Map<String, Operator> TABLE = new HashMap<>();

    @FunctionalInterface
    private interface Operator {
        Optional<TensorData> apply(Node node, List<TensorData> operands);
    }

    static {
        TABLE.put("Constant", (node, operands) -> constant(node));
        TABLE.put("Identity", (node, operands) -> Optional.of(operands.getFirst()));
        TABLE.put("Shape", ConstantOperators::shape);
        TABLE.put("Reshape", ConstantOperators::reshape);
        TABLE.put("Flatten", ConstantOperators::flatten);
        TABLE.put("Squeeze", ConstantOperators::squeeze);
        TABLE.put("Unsqueeze", ConstantOperators::unsqueeze);
        TABLE.put("Transpose", ConstantOperators::transpose);
        TABLE.put("Concat", ConstantOperators::concat);
        TABLE.put("Gather", ConstantOperators::gather);
        TABLE.put("Slice", ShapeArithmetic::slice);
        TABLE.put("Add", ShapeArithmetic::add);
        TABLE.put("Sub", ShapeArithmetic::subtract);
        TABLE.put("Mul", ShapeArithmetic::multiply);
        TABLE.put("Div", ShapeArithmetic::divide);
        TABLE.put("Cast", ConstantConversions::cast);
        TABLE.put("DequantizeLinear", ConstantConversions::dequantize);
    }

    private ConstantOperators() {}

    /** The node's only output, empty if it cannot be told here. An empty operand is an input that is left out. */
    static Optional<TensorData> compute(Node node, List<Optional<TensorData>> operands) {
        Operator operator = node.domain().isEmpty() ? TABLE.get(node.operator()) : null;
        if (operator == null || operands.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<TensorData> present = operands.stream().map(Optional::orElseThrow).toList();
        // Elements of 4 bits share bytes, so nothing that counts in whole elements can move them.
        boolean wholeBytes = present.stream()
                .allMatch(data -> data.type().bytes(2) == 2 * data.type().bytes(1));
        return wholeBytes ? operator.apply(node, present) : Optional.empty();
    }

    private static Optional<TensorData> constant(Node node) {
        if (node.attributes().size() != 1) {
            return Optional.empty();
        }
        return switch (node.attributes().values().iterator().next()) {
            case Attribute.Tensor(TensorData value) -> Optional.of(value);
            case Attribute.Real(float value) -> Optional.of(TensorData.ofScalar(value));
            case Attribute.Int(long value) -> Optional.of(reshaped(TensorData.ofLongs(value)));
            case Attribute.Ints values -> Optional.of(TensorData.ofLongs(values.toArray()));
            case Attribute.Reals(var values) -> {
                float[] elements = new float[values.size()];
                IntStream.range(0, elements.length).forEach(i -> elements[i] = values.get(i));
                yield Optional.of(TensorData.ofFloats(elements, elements.length));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<TensorData> shape(Node node, List<TensorData> operands) {
        return Optional.of(TensorData.ofLongs(sizes(node, operands.getFirst().shape())));
    }

    /** What a {@code Shape} node tells of a value of this shape. */
    static long[] sizes(Node node, Shape shape) {
        long[] sizes = shape.sizes();
        int begin = bound(node.integer("start", 0), sizes.length);
        int end = bound(node.integer("end", sizes.length), sizes.length);
        return Arrays.copyOfRange(sizes, begin, Math.max(begin, end));
    }

    private static int bound(long index, int rank) {
        return (int) Math.clamp(index < 0 ? index + rank : index, 0, rank);
    }

    private static Optional<TensorData> reshape(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        long[] sizes = operands.get(1).longs();
        long known = 1;
        int open = -1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == 0 && node.integer("allowzero", 0) == 0) {
                sizes[i] = data.shape().size(i);
            }
            if (sizes[i] < 0) {
                open = i;
            } else {
                known *= sizes[i];
            }
        }
        if (open >= 0) {
            if (known == 0) {
                return Optional.empty();
            }
            sizes[open] = data.shape().elements() / known;
        }
        return Optional.of(reshaped(data, sizes));
    }

    private static Optional<TensorData> flatten(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        long axis = node.integer("axis", 1);
        long rows = 1;
        for (int i = 0; i < (axis < 0 ? axis + data.shape().rank() : axis); i++) {
            rows *= data.shape().size(i);
        }
        return rows == 0
                ? Optional.empty()
                : Optional.of(reshaped(data, rows, data.shape().elements() / rows));
    }

    private static Optional<TensorData> squeeze(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        Shape shape = data.shape();
        boolean[] dropped = new boolean[shape.rank()];
        if (operands.size() > 1) {
            for (long axis : operands.get(1).longs()) {
                dropped[axis(axis, shape.rank())] = true;
            }
        } else {
            IntStream.range(0, dropped.length).forEach(i -> dropped[i] = shape.size(i) == 1);
        }
        return Optional.of(reshaped(
                data,
                IntStream.range(0, dropped.length)
                        .filter(i -> !dropped[i])
                        .mapToLong(shape::size)
                        .toArray()));
    }

    private static Optional<TensorData> unsqueeze(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        long[] axes = operands.get(1).longs();
        long[] sizes = new long[data.shape().rank() + axes.length];
        for (long axis : axes) {
            sizes[axis(axis, sizes.length)] = 1;
        }
        int next = 0;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == 0) {
                sizes[i] = data.shape().size(next++);
            }
        }
        return Optional.of(reshaped(data, sizes));
    }

    private static Optional<TensorData> transpose(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        int rank = data.shape().rank();
        long[] permutation = node.integers(
                "perm", IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray());
        long[] strides = strides(data.shape());
        long[] sizes = new long[rank];
        long[] moved = new long[rank];
        for (int i = 0; i < rank; i++) {
            sizes[i] = data.shape().size((int) permutation[i]);
            moved[i] = strides[(int) permutation[i]];
        }
        ByteBuffer to = TensorData.allocate(data.bytes().remaining());
        copy(data, to, sizes, moved, 0, 0);
        return Optional.of(new TensorData(data.type(), Shape.of(sizes), to.flip()));
    }

    private static void copy(TensorData from, ByteBuffer to, long[] sizes, long[] strides, int axis, long offset) {
        if (axis == sizes.length) {
            put(from, offset, 1, to);
            return;
        }
        for (long i = 0; i < sizes[axis]; i++) {
            copy(from, to, sizes, strides, axis + 1, offset + i * strides[axis]);
        }
    }

    private static Optional<TensorData> concat(Node node, List<TensorData> operands) {
        TensorData first = operands.getFirst();
        int axis = axis(node.integer("axis", 0), first.shape().rank());
        long total = 0;
        int bytes = 0;
        for (TensorData operand : operands) {
            total += operand.shape().size(axis);
            bytes += operand.bytes().remaining();
        }
        long rows = 1;
        for (int i = 0; i < axis; i++) {
            rows *= first.shape().size(i);
        }
        ByteBuffer to = TensorData.allocate(bytes);
        for (long row = 0; row < rows; row++) {
            for (TensorData operand : operands) {
                long length = operand.shape().elements() / rows;
                put(operand, row * length, length, to);
            }
        }
        return Optional.of(new TensorData(first.type(), first.shape().with(axis, total), to.flip()));
    }

    /** Along the first axis, as shapes are taken apart. */
    private static Optional<TensorData> gather(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        TensorData indices = operands.get(1);
        if (node.integer("axis", 0) != 0 || indices.type() != ElementType.INT64) {
            return Optional.empty();
        }
        long size = data.shape().size(0);
        long[] rest = Arrays.copyOfRange(data.shape().sizes(), 1, data.shape().rank());
        long length = Shape.of(rest).elements();
        long[] positions = indices.longs();
        ByteBuffer to = TensorData.allocate(Math.toIntExact(data.type().bytes(length * positions.length)));
        for (long position : positions) {
            put(data, (position < 0 ? position + size : position) * length, length, to);
        }
        long[] sizes = Arrays.copyOf(indices.shape().sizes(), indices.shape().rank() + rest.length);
        System.arraycopy(rest, 0, sizes, indices.shape().rank(), rest.length);
        return Optional.of(new TensorData(data.type(), Shape.of(sizes), to.flip()));
    }

    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** How many elements lie between neighbours along each axis. */
    static long[] strides(Shape shape) {
        long[] strides = new long[shape.rank()];
        long stride = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.size(i);
        }
        return strides;
    }

    static TensorData reshaped(TensorData data, long... sizes) {
        return new TensorData(data.type(), Shape.of(sizes), data.bytes());
    }

    private static void put(TensorData from, long element, long count, ByteBuffer to) {
        to.put(from.bytes()
                .slice(
                        Math.toIntExact(from.type().bytes(element)),
                        Math.toIntExact(from.type().bytes(count))));
    }
}

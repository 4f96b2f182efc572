package dev.fieldfare.onnx;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Conversions of constants between element types, for {@link ConstantOperators}. */
final class ConstantConversions {
    private ConstantConversions() {}

    /** Between integers, and from integers to float32 where that is how they will be used. */
    static Optional<TensorData> cast(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        long to = node.integer("to", 0);
        if (to == data.type().code()) {
            return Optional.of(data);
        }
        if (!isInteger(data.type())) {
            return Optional.empty();
        }
        int count = Math.toIntExact(data.shape().elements());
        ByteBuffer elements = data.bytes();
        if (to == ElementType.FLOAT.code()) {
            ByteBuffer bytes = TensorData.allocate(count * Float.BYTES);
            for (int i = 0; i < count; i++) {
                bytes.putFloat(integer(elements, data.type(), i));
            }
            return Optional.of(new TensorData(ElementType.FLOAT, data.shape(), bytes.flip()));
        }
        if (to == ElementType.INT64.code()) {
            ByteBuffer bytes = TensorData.allocate(count * Long.BYTES);
            for (int i = 0; i < count; i++) {
                bytes.putLong(integer(elements, data.type(), i));
            }
            return Optional.of(new TensorData(ElementType.INT64, data.shape(), bytes.flip()));
        }
        return Optional.empty();
    }

    /**
     * {@code DequantizeLinear} 10, 13 and 19 to float32: {@code (x - zero point) * scale}, with one scale, or one for
     * each index of an axis. Blocks of scales (21) are left to the runtime.
     */
    static Optional<TensorData> dequantize(Node node, List<TensorData> operands) {
        TensorData data = operands.getFirst();
        TensorData scale = operands.get(1);
        boolean integers = operands.stream().filter(operand -> operand != scale).allMatch(o -> isInteger(o.type()));
        if (scale.type() != ElementType.FLOAT || !integers || node.integer("block_size", 0) != 0) {
            return Optional.empty();
        }
        float[] scales = scale.floats();
        int step = 1;
        if (scales.length > 1) {
            int axis =
                    ConstantOperators.axis(node.integer("axis", 1), data.shape().rank());
            step = Math.toIntExact(ConstantOperators.strides(data.shape())[axis]);
        }
        int count = Math.toIntExact(data.shape().elements());
        ByteBuffer elements = data.bytes();
        ByteBuffer result = TensorData.allocate(count * Float.BYTES);
        for (int i = 0; i < count; i++) {
            int index = i / step % scales.length;
            long zero = operands.size() > 2
                    ? integer(operands.get(2).bytes(), operands.get(2).type(), index)
                    : 0;
            result.putFloat((float) (integer(elements, data.type(), i) - zero) * scales[index]);
        }
        return Optional.of(new TensorData(ElementType.FLOAT, data.shape(), result.flip()));
    }

    static boolean isInteger(ElementType type) {
        return switch (type) {
            case INT8, UINT8, INT16, UINT16, INT32, INT64, BOOL -> true;
            default -> false;
        };
    }

    /** One element of an integer tensor. */
    static long integer(ByteBuffer elements, ElementType type, int index) {
        return switch (type) {
            case INT8, BOOL -> elements.get(index);
            case UINT8 -> elements.get(index) & 0xff;
            case INT16 -> elements.getShort(2 * index);
            case UINT16 -> elements.getShort(2 * index) & 0xffff;
            case INT32 -> elements.getInt(4 * index);
            case INT64 -> elements.getLong(8 * index);
            default -> throw new IllegalArgumentException("no integers: " + type);
        };
    }
}

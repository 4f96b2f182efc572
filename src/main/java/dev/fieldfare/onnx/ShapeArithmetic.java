package dev.fieldfare.onnx;

import java.util.List;
import java.util.Optional;
import java.util.function.LongBinaryOperator;

/**
 * What exporters compute of sizes: sums, products and quotients of whole numbers, and parts of lists of them. PyTorch's
 * {@code chunk}, for example, writes its bounds as {@code (size + 1) / 2 * i}.
 */
final class ShapeArithmetic {
    private ShapeArithmetic() {}

    static Optional<TensorData> add(Node node, List<TensorData> operands) {
        return elementwise(operands, Math::addExact);
    }

    static Optional<TensorData> subtract(Node node, List<TensorData> operands) {
        return elementwise(operands, Math::subtractExact);
    }

    static Optional<TensorData> multiply(Node node, List<TensorData> operands) {
        return elementwise(operands, Math::multiplyExact);
    }

    /** Towards zero, as ONNX Runtime does it. */
    static Optional<TensorData> divide(Node node, List<TensorData> operands) {
        return elementwise(operands, (dividend, divisor) -> dividend / divisor);
    }

    /** Of two lists of the same length, or of a list and a single number. */
    private static Optional<TensorData> elementwise(List<TensorData> operands, LongBinaryOperator operator) {
        TensorData first = operands.getFirst();
        TensorData second = operands.getLast();
        Shape longer = first.shape().rank() > second.shape().rank()
                        || first.shape().elements() > second.shape().elements()
                ? first.shape()
                : second.shape();
        if (!areLists(operands)
                || first.shape().elements() != second.shape().elements()
                        && first.shape().elements() != 1
                        && second.shape().elements() != 1) {
            return Optional.empty();
        }
        long[] a = first.longs();
        long[] b = second.longs();
        long[] results = new long[Math.toIntExact(longer.elements())];
        try {
            for (int i = 0; i < results.length; i++) {
                results[i] = operator.applyAsLong(a[a.length == 1 ? 0 : i], b[b.length == 1 ? 0 : i]);
            }
        } catch (ArithmeticException e) {
            // A sum that overflows, or a division by zero: whatever it means, it is no size.
            return Optional.empty();
        }
        return Optional.of(ConstantOperators.reshaped(TensorData.ofLongs(results), longer.sizes()));
    }

    private static boolean areLists(List<TensorData> operands) {
        return operands.stream()
                .allMatch(
                        data -> data.type() == ElementType.INT64 && data.shape().rank() <= 1);
    }

    /** Of a list of whole numbers. Bounds that count from the end, or lie outside, are as in Python. */
    static Optional<TensorData> slice(Node node, List<TensorData> operands) {
        boolean isOfOneAxis =
                operands.stream().skip(1).allMatch(bound -> bound.shape().elements() == 1);
        if (!areLists(operands) || operands.getFirst().shape().rank() != 1 || !isOfOneAxis) {
            return Optional.empty();
        }
        long[] list = operands.getFirst().longs();
        long step = operands.size() > 4 ? operands.get(4).longs()[0] : 1;
        if (step == 0 || list.length == 0) {
            return Optional.empty();
        }
        // Backwards, the first is the last element at most, and the end may lie before the first.
        long last = step > 0 ? list.length : list.length - 1L;
        long before = step > 0 ? 0 : -1;
        long begin = Math.clamp(fromStart(operands.get(1).longs()[0], list.length), 0, last);
        long end = Math.clamp(fromStart(operands.get(2).longs()[0], list.length), before, last);
        int count = (int) Math.max(0, Math.ceilDiv(end - begin, step));
        long[] part = new long[count];
        for (int i = 0; i < count; i++) {
            part[i] = list[(int) (begin + i * step)];
        }
        return Optional.of(TensorData.ofLongs(part));
    }

    private static long fromStart(long bound, int length) {
        return bound < 0 ? bound + length : bound;
    }
}

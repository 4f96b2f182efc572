package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Gradients of matrix products. For Y = A B: by A, dY Bᵀ; by B, Aᵀ dY. */
final class MatrixGradients {
    /**
     * A product reads a left matrix that is to be transposed anew for each so many columns of the right one. Where there are
     * more, transposing it once is faster: 1.57 ms instead of 1.77 for [1280, 320]ᵀ [1280, 392], 0.42 instead of 0.48 for
     * [576, 96]ᵀ [576, 784] (ONNX Runtime 1.30, one thread, AVX-512); with 98 columns there is no difference.
     */
    private static final long FEW_COLUMNS = 128;

    /** A matrix of so few elements is not worth nodes of its own. */
    private static final long SMALL = 4096;

    private MatrixGradients() {}

    /** A matrix as it lies, and whether a product takes it transposed. */
    private record Factor(String value, Shape shape, boolean isTransposed) {
        Factor transposed() {
            return new Factor(value, shape, !isTransposed);
        }

        long columns() {
            return shape.size(isTransposed ? 0 : 1);
        }

        /** As another tensor, transposed. By three dimensions, or ONNX Runtime's optimizer would make a transA of it again. */
        Factor turned(GradientContext c) {
            Shape turned = Shape.of(shape.size(1), shape.size(0));
            String one = c.reshape(value, shape, Shape.of(1, shape.size(0), shape.size(1)));
            String transposed = c.apply("Transpose", List.of(one), Map.of("perm", Attribute.of(new long[] {0, 2, 1})));
            return new Factor(
                    c.reshape(transposed, Shape.of(1, turned.size(0), turned.size(1)), turned), turned, !isTransposed);
        }
    }

    /** Y = alpha op(A) op(B) + beta C, where op transposes or does not, and C is broadcast. */
    static void gemm(GradientContext c) {
        float alpha = c.node().real("alpha", 1);
        float beta = c.node().real("beta", 1);
        Shape y = c.shape(c.output(0));
        Factor a = new Factor(c.input(0), c.shape(c.input(0)), c.node().integer("transA", 0) != 0);
        Factor b = new Factor(c.input(1), c.shape(c.input(1)), c.node().integer("transB", 0) != 0);
        Factor dy = new Factor(c.gradOutput(0), y, false);
        if (c.needsGrad(0)) {
            boolean isTransposed = a.isTransposed();
            c.gradInput(
                    0, isTransposed ? product(c, b, dy.transposed(), alpha) : product(c, dy, b.transposed(), alpha));
        }
        if (c.needsGrad(1)) {
            boolean isTransposed = b.isTransposed();
            c.gradInput(
                    1, isTransposed ? product(c, dy.transposed(), a, alpha) : product(c, a.transposed(), dy, alpha));
        }
        if (c.needsGrad(2)) {
            String sum = c.sumTo(dy.value(), y, c.shape(c.input(2)));
            c.gradInput(2, beta == 1 ? sum : c.apply("Mul", sum, c.scalar(beta)));
        }
    }

    private static String product(GradientContext c, Factor left, Factor right, float alpha) {
        if (left.isTransposed() && right.columns() > FEW_COLUMNS && left.shape().elements() > SMALL) {
            return product(c, left.turned(c), right, alpha);
        }
        Map<String, Attribute> attributes = new TreeMap<>();
        if (left.isTransposed()) {
            attributes.put("transA", Attribute.of(1));
        }
        if (right.isTransposed()) {
            attributes.put("transB", Attribute.of(1));
        }
        if (alpha != 1) {
            attributes.put("alpha", Attribute.of(alpha));
        }
        return c.apply("Gemm", List.of(left.value(), right.value()), attributes);
    }

    static void matMul(GradientContext c) {
        if (c.shape(c.input(0)).rank() >= 2 && c.shape(c.input(1)).rank() == 2) {
            oneMatrix(c);
        } else {
            batched(c);
        }
    }

    /** All the batch times one matrix: the batch dimensions of A are but more rows. */
    private static void oneMatrix(GradientContext c) {
        Shape a = c.shape(c.input(0));
        Shape b = c.shape(c.input(1));
        long rows = a.elements() / b.size(0);
        Shape flatA = Shape.of(rows, b.size(0));
        Shape flatY = Shape.of(rows, b.size(1));
        Factor dy = new Factor(c.reshape(c.gradOutput(0), c.shape(c.output(0)), flatY), flatY, false);
        if (c.needsGrad(0)) {
            c.gradInput(0, c.reshape(product(c, dy, new Factor(c.input(1), b, true), 1), flatA, a));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, product(c, new Factor(c.reshape(c.input(0), a, flatA), flatA, true), dy, 1));
        }
    }

    /** A stack of products, whose batch dimensions broadcast; a vector counts as a matrix with one row or column. */
    private static void batched(GradientContext c) {
        Shape a = c.shape(c.input(0));
        Shape b = c.shape(c.input(1));
        Shape y = c.shape(c.output(0));
        Shape matrixA = a.rank() == 1 ? Shape.of(1, a.size(0)) : a;
        Shape matrixB = b.rank() == 1 ? Shape.of(b.size(0), 1) : b;
        long rows = matrixA.size(matrixA.rank() - 2);
        long inner = matrixA.size(matrixA.rank() - 1);
        long columns = matrixB.size(matrixB.rank() - 1);
        long[] batch = Arrays.copyOf(y.sizes(), y.rank() - Math.min(a.rank() - 1, 1) - Math.min(b.rank() - 1, 1));
        String dy = c.reshape(c.gradOutput(0), y, matrices(batch, rows, columns));
        if (c.needsGrad(0)) {
            String right = transpose(c, c.reshape(c.input(1), b, matrixB), matrixB.rank());
            String da = c.sumTo(c.apply("MatMul", dy, right), matrices(batch, rows, inner), matrixA);
            c.gradInput(0, c.reshape(da, matrixA, a));
        }
        if (c.needsGrad(1)) {
            String left = transpose(c, c.reshape(c.input(0), a, matrixA), matrixA.rank());
            String db = c.sumTo(c.apply("MatMul", left, dy), matrices(batch, inner, columns), matrixB);
            c.gradInput(1, c.reshape(db, matrixB, b));
        }
    }

    private static Shape matrices(long[] batch, long rows, long columns) {
        long[] sizes = Arrays.copyOf(batch, batch.length + 2);
        sizes[batch.length] = rows;
        sizes[batch.length + 1] = columns;
        return Shape.of(sizes);
    }

    private static String transpose(GradientContext c, String matrices, int rank) {
        long[] permutation = LongStream.range(0, rank).toArray();
        permutation[rank - 2] = rank - 1;
        permutation[rank - 1] = rank - 2;
        return c.apply("Transpose", List.of(matrices), Map.of("perm", Attribute.of(permutation)));
    }
}

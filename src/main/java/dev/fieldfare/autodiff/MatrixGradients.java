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
    private MatrixGradients() {}

    /** Y = alpha op(A) op(B) + beta C, where op transposes or does not, and C is broadcast. */
    static void gemm(GradientContext c) {
        float alpha = c.node().real("alpha", 1);
        float beta = c.node().real("beta", 1);
        boolean transA = c.node().integer("transA", 0) != 0;
        boolean transB = c.node().integer("transB", 0) != 0;
        String a = c.input(0);
        String b = c.input(1);
        String dy = c.gradOutput(0);
        if (c.needsGrad(0)) {
            c.gradInput(0, transA ? product(c, b, transB, dy, true, alpha) : product(c, dy, false, b, !transB, alpha));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, transB ? product(c, dy, true, a, transA, alpha) : product(c, a, !transA, dy, false, alpha));
        }
        if (c.needsGrad(2)) {
            String sum = c.sumTo(dy, c.shape(c.output(0)), c.shape(c.input(2)));
            c.gradInput(2, beta == 1 ? sum : c.apply("Mul", sum, c.scalar(beta)));
        }
    }

    private static String product(
            GradientContext c, String left, boolean transLeft, String right, boolean transRight, float alpha) {
        Map<String, Attribute> attributes = new TreeMap<>();
        if (transLeft) {
            attributes.put("transA", Attribute.of(1));
        }
        if (transRight) {
            attributes.put("transB", Attribute.of(1));
        }
        if (alpha != 1) {
            attributes.put("alpha", Attribute.of(alpha));
        }
        return c.apply("Gemm", List.of(left, right), attributes);
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
        String dy = c.reshape(c.gradOutput(0), c.shape(c.output(0)), Shape.of(rows, b.size(1)));
        if (c.needsGrad(0)) {
            c.gradInput(0, c.reshape(product(c, dy, false, c.input(1), true, 1), flatA, a));
        }
        if (c.needsGrad(1)) {
            c.gradInput(1, product(c, c.reshape(c.input(0), a, flatA), true, dy, false, 1));
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

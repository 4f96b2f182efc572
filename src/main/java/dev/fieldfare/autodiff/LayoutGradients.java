package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradients of the operators that only arrange elements anew. */
final class LayoutGradients {
    private LayoutGradients() {}

    /** For every operator that keeps the elements in order: Reshape, Flatten, Squeeze, Unsqueeze. */
    static void reshape(GradientContext c) {
        c.gradInput(0, c.reshape(c.gradOutput(0), c.shape(c.output(0)), c.shape(c.input(0))));
    }

    static void identity(GradientContext c) {
        c.gradInput(0, c.gradOutput(0));
    }

    static void transpose(GradientContext c) {
        int rank = c.shape(c.input(0)).rank();
        long[] reversed = LongStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        long[] permutation = c.node().integers("perm", reversed);
        long[] inverse = new long[rank];
        for (int i = 0; i < rank; i++) {
            inverse[(int) permutation[i]] = i;
        }
        c.gradInput(0, c.apply("Transpose", List.of(c.gradOutput(0)), Map.of("perm", Attribute.of(inverse))));
    }
}

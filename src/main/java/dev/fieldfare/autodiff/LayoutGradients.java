package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
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

    /** The way back; {@code SpaceToDepth} undoes only the order DCR. */
    static void depthToSpace(GradientContext c) {
        long block = c.node().integer("blocksize", 1);
        if (!c.node().text("mode", "DCR").equals("CRD")) {
            c.gradInput(0, c.apply("SpaceToDepth", List.of(c.gradOutput(0)), Map.of("blocksize", Attribute.of(block))));
            return;
        }
        Shape x = c.shape(c.input(0));
        Shape y = c.shape(c.output(0));
        Shape apart = Shape.of(y.size(0), y.size(1), x.size(2), block, x.size(3), block);
        String blocks = c.reshape(c.gradOutput(0), y, apart);
        String channels =
                c.apply("Transpose", List.of(blocks), Map.of("perm", Attribute.of(new long[] {0, 1, 3, 5, 2, 4})));
        c.gradInput(0, c.apply("Reshape", channels, c.longs(x.sizes())));
    }

    static void spaceToDepth(GradientContext c) {
        Map<String, Attribute> block = Map.of("blocksize", Attribute.of(c.node().integer("blocksize", 1)));
        c.gradInput(0, c.apply("DepthToSpace", List.of(c.gradOutput(0)), block));
    }
}

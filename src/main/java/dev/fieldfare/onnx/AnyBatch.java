package dev.fieldfare.onnx;

import java.util.List;

/** Frees networks from the batch size that they were exported for. */
public final class AnyBatch {
    private AnyBatch() {}

    /**
     * A network exported for one picture has a one where the batch stands in the target of a {@code Reshape}: the batch is
     * taken as it comes instead.
     */
    public static Graph of(Graph graph) {
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        for (Node node : graph.nodes()) {
            builder.add(node.is("Reshape") ? ofAnyBatch(node, builder) : node);
        }
        builder.prune();
        return builder.build();
    }

    private static Node ofAnyBatch(Node reshape, GraphBuilder builder) {
        TensorData target = builder.constantOf(reshape.input(1));
        if (target == null || reshape.integer("allowzero", 0) != 0) {
            return reshape;
        }
        long[] sizes = target.longs();
        if (sizes.length < 2 || sizes[0] != 1) {
            return reshape;
        }
        sizes[0] = 0;
        return reshape.withInputs(List.of(reshape.input(0), builder.constant(sizes)));
    }
}

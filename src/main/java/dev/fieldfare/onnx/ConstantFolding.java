package dev.fieldfare.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Computes beforehand what depends on constants only, as far as {@link ConstantOperators} knows the operator: constant
 * nodes become initializers, quantized weights float weights, arithmetic on shapes the shape. Constants are the
 * initializers that are not inputs as well, since an input's default can be overridden.
 */
public final class ConstantFolding {
    private ConstantFolding() {}

    /** Folds all nodes that can be folded; see {@link #fold(Graph, Predicate)}. */
    public static Graph fold(Graph graph) {
        return fold(graph, node -> true);
    }

    /**
     * The graph without those nodes that match and that can be computed now; their outputs are initializers of the same
     * name. Nodes that compute an output of the graph stay. Constants that nothing reads any more are dropped.
     *
     * @param which the nodes that may be folded
     */
    public static Graph fold(Graph graph, Predicate<Node> which) {
        Map<String, TensorData> constants = new LinkedHashMap<>(graph.initializers());
        graph.inputs().forEach(value -> constants.remove(value.name()));
        Set<String> outputs = new HashSet<>();
        graph.outputs().forEach(value -> outputs.add(value.name()));
        Map<Node, TensorData> folded = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            if (outputs.contains(node.output(0)) || node.outputs().size() != 1 || !which.test(node)) {
                continue;
            }
            compute(node, constants).ifPresent(data -> {
                constants.put(node.output(0), data);
                folded.put(node, data);
            });
        }
        if (folded.isEmpty()) {
            return graph;
        }
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.removeNodes(folded::containsKey);
        folded.forEach((node, data) -> builder.initializer(node.output(0), data));
        builder.prune();
        return builder.build();
    }

    /**
     * The graph without arithmetic on shapes: where the shape of a value is known, what asks for it, and what is computed
     * of that, becomes an initializer.
     *
     * @param shapes of values; those that are not fixed are left alone
     */
    public static Graph foldShapes(Graph graph, Map<String, Shape> shapes) {
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        Set<String> known = new HashSet<>();
        for (Node node : graph.nodes()) {
            Shape shape = node.is("Shape") ? shapes.get(node.input(0)) : null;
            if (shape == null || !shape.isFixed()) {
                builder.add(node);
                continue;
            }
            builder.initializer(node.output(0), TensorData.ofLongs(ConstantOperators.sizes(node, shape)));
            known.add(node.output(0));
        }
        if (known.isEmpty()) {
            return graph;
        }
        Graph without = builder.build();
        for (Node node : without.nodes()) {
            if (node.reads().stream().anyMatch(known::contains)) {
                known.addAll(node.outputs());
            }
        }
        return fold(
                without, node -> node.is("Constant") || node.reads().stream().anyMatch(known::contains));
    }

    private static Optional<TensorData> compute(Node node, Map<String, TensorData> constants) {
        List<Optional<TensorData>> operands = new ArrayList<>();
        for (String input : node.inputs()) {
            TensorData data = constants.get(input);
            if (data == null && !input.isEmpty()) {
                return Optional.empty();
            }
            operands.add(Optional.ofNullable(data));
        }
        return ConstantOperators.compute(node, operands);
    }
}

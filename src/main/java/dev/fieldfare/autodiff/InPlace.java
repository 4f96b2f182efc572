package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether it is safe to overwrite a tensor in the run that reads it. The runtime knows no order of nodes but that of
 * their data: a node that reads the tensor may run after the new value has been put into the same buffer, and then
 * silently computes with the wrong one. So every reader must be an ancestor of the node that overwrites it.
 *
 * <p>A value computed from the tensor and constants alone counts as the tensor: reshaping shares the buffer, and the
 * runtime's optimizer may fuse a transposition or a scaling into the node that reads it.
 */
final class InPlace {
    /** What may write into the buffer that it reads: nodes that finish with an element before they go on. */
    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");

    private InPlace() {}

    /**
     * Checks that a tensor can be overwritten by its updated value.
     *
     * @throws IllegalStateException if a node may read the tensor too late, or if the update is not elementwise: an
     *     update rule that breaks its contract
     */
    static void require(Graph graph, String tensor, String updated) {
        Map<String, Node> producers = graph.producers();
        Node writer = producers.get(updated);
        if (writer == null || !writer.domain().isEmpty() || !ELEMENTWISE.contains(writer.operator())) {
            throw new IllegalStateException("'" + updated + "' must be computed by one of " + ELEMENTWISE
                    + ", since it is written into the buffer of '" + tensor + "'");
        }
        Set<String> before = ancestors(producers, updated);
        for (Node reader : readers(graph, tensor)) {
            if (reader.outputs().stream().noneMatch(before::contains)) {
                throw new IllegalStateException("the " + reader.describe() + " may read '" + tensor + "' after '"
                        + updated + "' has overwritten it");
            }
        }
    }

    /** The nodes that read a tensor or a value computed from it and constants alone, in running order. */
    private static List<Node> readers(Graph graph, String tensor) {
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        Set<String> alike = new HashSet<>(Set.of(tensor));
        List<Node> readers = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Set<String> reads = node.reads();
            if (reads.stream().anyMatch(alike::contains)) {
                readers.add(node);
                if (reads.stream().allMatch(read -> alike.contains(read) || constants.contains(read))) {
                    alike.addAll(node.outputs());
                }
            } else if (constants.containsAll(reads)) {
                constants.addAll(node.outputs());
            }
        }
        return readers;
    }

    /** The value and all values that it is computed from. */
    private static Set<String> ancestors(Map<String, Node> producers, String value) {
        Set<String> ancestors = new HashSet<>();
        Deque<String> pending = new ArrayDeque<>(List.of(value));
        while (!pending.isEmpty()) {
            String next = pending.pop();
            Node producer = producers.get(next);
            if (ancestors.add(next) && producer != null) {
                pending.addAll(producer.reads());
            }
        }
        return ancestors;
    }
}

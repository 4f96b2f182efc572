package dev.fieldfare.autodiff;

import static dev.fieldfare.onnx.ElementType.FLOAT;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes it safe to overwrite a tensor in the run that reads it. The runtime knows no order of nodes but that of their
 * data: a node that reads the weight (say, the product that carries the gradient on to an earlier layer) may run after
 * the update has put the new weight into the same buffer, and then silently computes with the wrong one. So every
 * reader must be an ancestor of the update; one that is not is made an ancestor.
 *
 * <p>A value computed from the tensor and constants alone counts as the tensor: reshaping shares the buffer, and the
 * runtime's optimizer may fuse a transposition or a scaling into the node that reads it.
 */
final class InPlace {
    /** What may write into the buffer that it reads: nodes that finish with an element before they go on. */
    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div");

    private InPlace() {}

    /**
     * The values that an update must wait for: outputs of readers of the tensor which the gradient does not depend on.
     * Of readers that depend on one another, only the last.
     */
    static List<String> lateReads(Graph graph, String tensor, String gradient) {
        Map<String, Node> producers = graph.producers();
        Set<String> done = ancestors(producers, gradient);
        List<String> late = new ArrayList<>();
        for (Node reader : readers(graph, tensor).reversed()) {
            if (reader.outputs().stream().noneMatch(done::contains)) {
                late.add(reader.outputs().stream()
                        .filter(output -> !output.isEmpty())
                        .findFirst()
                        .orElseThrow());
                done.addAll(ancestors(producers, late.getLast()));
            }
        }
        return late;
    }

    /**
     * Makes scalars wait: emits values that equal them but cannot be computed before the awaited values. Each is picked
     * by the condition "less than itself", false for every number and for NaN, of one element of the awaited value; so
     * no awaited value, be it infinite, can touch the scalar, and no optimizer can know the outcome.
     *
     * @return the value to read instead, by the name of the scalar
     */
    static Map<String, String> await(
            GraphBuilder builder, String hint, List<String> awaited, Map<String, String> scalars) {
        Map<String, String> waiting = new TreeMap<>(scalars);
        for (String value : awaited) {
            String flat = builder.apply("Reshape", List.of(value, builder.constant(-1L)));
            String first = builder.apply("Gather", List.of(flat, builder.constant(0L)));
            String element = builder.apply("Reshape", List.of(first, builder.constant()));
            String number = builder.apply("Cast", List.of(element), Map.of("to", Attribute.of(FLOAT.code())));
            String never = builder.apply("Less", List.of(number, number));
            String zero = builder.constant(0f);
            waiting.replaceAll((name, scalar) ->
                    builder.apply(builder.fresh(hint + "/" + name), "Where", List.of(never, zero, scalar), Map.of()));
        }
        return waiting;
    }

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

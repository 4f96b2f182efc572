package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that is to run several times with the same values for some of its inputs, cut in two: what depends on those
 * alone, to be run once, and the rest (loop-invariant code motion; Aho, Lam, Sethi and Ullman, "Compilers", 9.1). Of a
 * gradient graph, that is how its weights are turned and laid out, once a step instead of once a micro-batch.
 *
 * @param once what to run first; null if there is nothing
 * @param each what to run each time; it has the values that are handed over as further inputs
 * @param handedOver the outputs of the first, float32
 */
public record LoopInvariants(@Nullable OnnxModel once, OnnxModel each, List<Value> handedOver) {
    /** They take no time, so that it does not pay to keep their results. */
    private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

    public LoopInvariants {
        handedOver = List.copyOf(handedOver);
    }

    /** All of it is to be run each time. */
    public static LoopInvariants none(OnnxModel model) {
        return new LoopInvariants(null, model, List.of());
    }

    /**
     * Cuts.
     *
     * @param values type and shape of every value, as {@link ShapeInference#values} tells
     * @param fixed the inputs that stay the same
     */
    public static LoopInvariants of(OnnxModel model, Map<String, Value> values, Collection<String> fixed) {
        Graph graph = model.graph();
        Set<Node> invariant = invariant(graph, new HashSet<>(fixed));
        Set<String> computed = new HashSet<>();
        invariant.forEach(node -> computed.addAll(node.outputs()));
        Set<String> between = new LinkedHashSet<>();
        graph.nodes().stream()
                .filter(node -> !invariant.contains(node))
                .forEach(
                        node -> node.reads().stream().filter(computed::contains).forEach(between::add));
        if (between.isEmpty()) {
            return none(model);
        }
        List<Value> handedOver = between.stream()
                .map(name -> Objects.requireNonNull(values.get(name), name))
                .toList();
        return new LoopInvariants(
                model.withGraph(once(graph, handedOver)),
                model.withGraph(each(graph, invariant, handedOver)),
                handedOver);
    }

    /** The nodes that depend on nothing else, and do not lead to outputs of the graph. */
    private static Set<Node> invariant(Graph graph, Set<String> fixed) {
        Set<String> known = new HashSet<>(fixed);
        known.addAll(graph.initializers().keySet());
        Set<String> constant = new HashSet<>(graph.initializers().keySet());
        Set<Node> invariant = new LinkedHashSet<>();
        Set<String> outputs = new HashSet<>();
        graph.outputs().forEach(output -> outputs.add(output.name()));
        for (Node node : graph.nodes()) {
            if (constant.containsAll(node.reads())) {
                // ONNX Runtime computes it when it loads the graph.
                constant.addAll(node.outputs());
                known.addAll(node.outputs());
            } else if (known.containsAll(node.reads())
                    && node.outputs().stream().noneMatch(outputs::contains)) {
                known.addAll(node.outputs());
                invariant.add(node);
            }
        }
        leaveViews(graph, invariant);
        return invariant;
    }

    /** Takes out the views that only others read, so that what they view is handed over. */
    private static void leaveViews(Graph graph, Set<Node> invariant) {
        Map<String, List<Node>> consumers = graph.consumers();
        for (Node node : new ArrayList<>(invariant).reversed()) {
            boolean isRead = node.outputs().stream()
                    .flatMap(output -> consumers.getOrDefault(output, List.of()).stream())
                    .anyMatch(invariant::contains);
            if (!isRead && node.domain().isEmpty() && VIEWS.contains(node.operator())) {
                invariant.remove(node);
            }
        }
    }

    private static Graph once(Graph graph, List<Value> handedOver) {
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.setOutputs(handedOver);
        builder.prune();
        Set<String> read = new HashSet<>();
        builder.build().nodes().forEach(node -> read.addAll(node.reads()));
        builder.setInputs(graph.inputs().stream()
                .filter(input -> read.contains(input.name()))
                .toList());
        return builder.build();
    }

    private static Graph each(Graph graph, Set<Node> invariant, List<Value> handedOver) {
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.removeNodes(invariant::contains);
        handedOver.forEach(builder::input);
        builder.prune();
        Set<String> read = new HashSet<>();
        builder.build().nodes().forEach(node -> read.addAll(node.reads()));
        List<Value> inputs = new ArrayList<>(graph.inputs());
        inputs.addAll(handedOver);
        builder.setInputs(
                inputs.stream().filter(input -> read.contains(input.name())).toList());
        return builder.build();
    }
}

package dev.fieldfare.onnx;

import dev.fieldfare.FieldfareException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a graph from a file is what everything behind the reader takes it for: each value has one origin, and what a
 * node reads comes before it. ONNX demands both ("single static assignment", "topologically sorted"); so there is no
 * cycle that following the values back could run into.
 */
final class GraphCheck {
    private final Path file;

    private GraphCheck(Path file) {
        this.file = file;
    }

    /** @throws FieldfareException naming the value and the node */
    static void check(Graph graph, Path file) {
        new GraphCheck(file).graph(graph, Set.of());
    }

    private void graph(Graph graph, Set<String> around) {
        Set<String> known = new HashSet<>(around);
        Set<String> own = new HashSet<>();
        for (Value input : graph.inputs()) {
            if (!own.add(input.name())) {
                throw twice(input.name());
            }
        }
        // An initializer may give an input of the same name its default.
        own.addAll(graph.initializers().keySet());
        known.addAll(own);
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                require(input, known, node.describe() + " reads");
            }
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    graph(subgraph.value(), known);
                }
            }
            for (String output : node.outputs()) {
                if (!output.isEmpty() && !own.add(output)) {
                    throw twice(output);
                }
                known.add(output);
            }
        }
        for (Value output : graph.outputs()) {
            require(output.name(), known, "the graph gives out");
        }
    }

    private void require(String value, Set<String> known, String who) {
        if (!value.isEmpty() && !known.contains(value)) {
            throw new FieldfareException(file + " is no valid model: its " + who + " '" + value
                    + "', which nothing before it computes; export the model again, or sort its nodes");
        }
    }

    private FieldfareException twice(String value) {
        return new FieldfareException(file + " is no valid model: two things in its graph are called '" + value
                + "'; the file is damaged: fetch it again");
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts the nodes that compute the gradients at the end of a graph. ONNX Runtime runs a graph backwards from the nodes that
 * nobody reads, the last of the file first. In the order in which gradients are derived it would go to the deepest layer
 * first, and come back for all others while everything that they need waits in memory.
 */
final class GradientsLast {
    private GradientsLast() {}

    /**
     * The same graph in another order, without the Identity that names a gradient where its node can carry the name.
     *
     * @param gradients outputs, each of an Identity; from the one that is to run last to the one that is to run first
     */
    static Graph of(Graph graph, Collection<String> gradients) {
        Map<String, Node> producers = graph.producers();
        Map<String, List<Node>> consumers = graph.consumers();
        Set<String> wanted = new HashSet<>();
        graph.outputs().forEach(output -> wanted.add(output.name()));
        Set<Node> removed = new HashSet<>();
        List<Node> last = new ArrayList<>();
        for (String gradient : gradients) {
            Node identity = producers.get(gradient);
            if (identity == null) {
                throw new IllegalArgumentException("nothing computes '" + gradient + "'");
            }
            String value = identity.input(0);
            Node source = producers.get(value);
            removed.add(identity);
            if (source != null
                    && source.outputs().size() == 1
                    && consumers.getOrDefault(value, List.of()).size() == 1
                    && !wanted.contains(value)) {
                removed.add(source);
                last.add(named(source, gradient));
            } else {
                last.add(identity);
            }
        }
        List<Node> nodes = new ArrayList<>(graph.nodes());
        nodes.removeIf(removed::contains);
        nodes.addAll(last);
        return new Graph(graph.name(), nodes, graph.inputs(), graph.outputs(), graph.initializers(), graph.values());
    }

    private static Node named(Node node, String output) {
        return new Node(output, node.domain(), node.operator(), node.inputs(), List.of(output), node.attributes());
    }
}

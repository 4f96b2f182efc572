package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The order in which ONNX Runtime runs the nodes of a graph. It is not that of the file: its sequential executor goes
 * depth first from the nodes that nobody reads (losses, sums of gradients, updates), beginning with the <em>last</em> of
 * them in the file, and before a node it runs the node's producers, the one that stands last in the file first
 * ({@code Graph::ReverseDFSFrom} with {@code NodeCompare} in its sources).
 *
 * <p>Who writes a graph steers with that: what is to run first, and thereby to free what it reads first, goes last.
 */
public final class ExecutionOrder {
    private ExecutionOrder() {}

    /**
     * The nodes as they will run. Those that read only constants are left out, because they run once, at load; so are
     * those that ONNX Runtime merges into the node before them, which then has their name and result.
     *
     * @param values type and shape of every value, as {@link ShapeInference#values} tells
     */
    public static List<Node> of(Graph graph, Map<String, Value> values) {
        List<Node> nodes = LoadedGraph.nodes(graph, values);
        Map<String, Integer> producers = new HashMap<>();
        Set<String> read = new HashSet<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String output : nodes.get(i).outputs()) {
                producers.put(output, i);
            }
            read.addAll(nodes.get(i).reads());
        }

        Deque<Step> stack = new ArrayDeque<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).outputs().stream().noneMatch(read::contains)) {
                stack.push(new Step(i, false));
            }
        }
        boolean[] entered = new boolean[nodes.size()];
        List<Node> order = new ArrayList<>();
        while (!stack.isEmpty()) {
            Step step = stack.pop();
            Node node = nodes.get(step.node());
            if (step.leave()) {
                order.add(node);
            } else if (!entered[step.node()]) {
                entered[step.node()] = true;
                stack.push(new Step(step.node(), true));
                node.reads().stream()
                        .map(producers::get)
                        .filter(Objects::nonNull)
                        .sorted()
                        .forEach(producer -> stack.push(new Step(producer, false)));
            }
        }
        return order;
    }

    private record Step(int node, boolean leave) {}
}

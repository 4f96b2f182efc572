package dev.fieldfare.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A computation: nodes in an order in which they can run, between inputs and outputs. Immutable; {@link GraphBuilder}
 * makes changed copies.
 *
 * @param inputs what must be given; older files list the initializers here too, see {@link #requiredInputs()}
 * @param initializers constants by name
 * @param values what the file says of intermediate values; may be empty
 */
public record Graph(
        String name,
        List<Node> nodes,
        List<Value> inputs,
        List<Value> outputs,
        Map<String, TensorData> initializers,
        List<Value> values) {

    public Graph {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        values = List.copyOf(values);
    }

    /** The inputs that have no default, that is, no initializer of the same name. */
    public List<Value> requiredInputs() {
        return inputs.stream()
                .filter(input -> !initializers.containsKey(input.name()))
                .toList();
    }

    /** The same with other values for some of its constants. */
    public Graph withInitializers(Map<String, TensorData> changed) {
        Map<String, TensorData> all = new LinkedHashMap<>(initializers);
        changed.forEach((constant, data) -> {
            if (all.replace(constant, data) == null) {
                throw new IllegalArgumentException("the graph '" + name + "' has no constant '" + constant + "'");
            }
        });
        return new Graph(name, nodes, inputs, outputs, all, values);
    }

    /** The node that computes each value. */
    public Map<String, Node> producers() {
        Map<String, Node> producers = new HashMap<>();
        for (Node node : nodes) {
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    producers.put(output, node);
                }
            }
        }
        return producers;
    }

    /** The nodes that read each value, in running order. A node that reads a value twice is listed once. */
    public Map<String, List<Node>> consumers() {
        Map<String, List<Node>> consumers = new HashMap<>();
        for (Node node : nodes) {
            node.inputs().stream()
                    .filter(input -> !input.isEmpty())
                    .distinct()
                    .forEach(input -> consumers
                            .computeIfAbsent(input, key -> new ArrayList<>())
                            .add(node));
        }
        return consumers;
    }
}

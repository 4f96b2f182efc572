package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Quantized operators as ONNX Runtime has them once they are loaded: an operator between dequantized inputs and a quantized
 * output computes with integers, and the floats between them never exist. An activation before the quantization is part
 * of that, as it is where the range of the integers ends with it.
 */
final class QuantizedNodes {
    private static final Set<String> ON_INTEGERS = Set.of(
            "Add",
            "AveragePool",
            "Concat",
            "Conv",
            "Flatten",
            "Gemm",
            "GlobalAveragePool",
            "LeakyRelu",
            "MatMul",
            "MaxPool",
            "Mul",
            "Reshape",
            "Sigmoid",
            "Softmax",
            "Squeeze",
            "Transpose",
            "Unsqueeze");

    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Integer> readers = new HashMap<>();
    private final Set<String> outputs;

    private QuantizedNodes(List<Node> nodes, Set<String> outputs) {
        this.outputs = outputs;
        for (Node node : nodes) {
            node.outputs().forEach(output -> producers.put(output, node));
            node.reads().forEach(read -> readers.merge(read, 1, Integer::sum));
        }
    }

    /** @param outputs of the graph */
    static List<Node> merged(List<Node> nodes, Set<String> outputs) {
        QuantizedNodes quantized = new QuantizedNodes(nodes, outputs);
        Set<Node> absorbed = new HashSet<>();
        Map<Node, Node> wholes = new HashMap<>();
        for (Node node : nodes) {
            if (node.is("QuantizeLinear")) {
                quantized.merge(node, absorbed, wholes);
            }
        }
        List<Node> kept = new ArrayList<>();
        for (Node node : nodes) {
            if (!absorbed.contains(node)) {
                kept.add(wholes.getOrDefault(node, node));
            }
        }
        Set<String> read = new HashSet<>(outputs);
        kept.forEach(node -> read.addAll(node.reads()));
        kept.removeIf(node -> node.is("DequantizeLinear") && !read.contains(node.output(0)));
        return kept;
    }

    private void merge(Node quantization, Set<Node> absorbed, Map<Node, Node> wholes) {
        List<Node> between = new ArrayList<>();
        Node operation = alone(quantization.input(0));
        while (operation != null && (operation.is("Relu") || operation.is("Clip"))) {
            between.add(operation);
            operation = alone(operation.input(0));
        }
        if (operation == null
                || !operation.domain().isEmpty()
                || !ON_INTEGERS.contains(operation.operator())
                || operation.outputs().size() > 1) {
            return;
        }
        List<String> inputs = new ArrayList<>();
        for (String input : operation.inputs()) {
            Node producer = producers.get(input);
            if (producer != null && !producer.is("DequantizeLinear")) {
                return;
            }
            inputs.add(producer == null ? input : producer.input(0));
        }
        absorbed.addAll(between);
        absorbed.add(operation);
        String operator = "QLinear" + operation.operator();
        wholes.put(
                quantization,
                new Node(operation.name(), "", operator, inputs, quantization.outputs(), operation.attributes()));
    }

    /** The node that computes a value which one node reads; null if there is none, or others read it. */
    private @Nullable Node alone(String value) {
        return readers.getOrDefault(value, 0) == 1 && !outputs.contains(value) ? producers.get(value) : null;
    }
}

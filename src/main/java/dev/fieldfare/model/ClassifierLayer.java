package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a network turns features into classes: its last linear layer.
 *
 * @param node the {@code Gemm}, {@code MatMul} or 1 x 1 {@code Conv}
 * @param features the value that it reads
 * @param spatial whether the features are still a map [batch x channels x height x width], as before a convolution. A
 *     1 x 1 convolution and an average pooling commute, so the new classifier pools first and is a {@code Gemm} too
 */
record ClassifierLayer(Node node, String features, boolean spatial) {

    /** What may stand between the last linear layer and the output. All of it goes when the classifier is replaced. */
    private static final Set<String> AFTERWARDS = Set.of(
            "Softmax",
            "LogSoftmax",
            "Identity",
            "Dropout",
            "Cast",
            "Flatten",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
            "Relu",
            "Clip",
            "GlobalAveragePool",
            "AveragePool",
            "ReduceMean",
            "QuantizeLinear",
            "DequantizeLinear",
            "Transpose",
            "Add",
            "Sub",
            "Mul",
            "Div");

    /**
     * Finds it by walking back from the output.
     *
     * @throws FieldfareException naming the node at which the walk ended
     */
    static ClassifierLayer find(Graph graph, String file) {
        Map<String, Node> producers = graph.producers();
        String value = graph.outputs().getFirst().name();
        while (true) {
            Node node = producers.get(value);
            if (node == null) {
                throw new FieldfareException(
                        file + " has no classifier to train: nothing linear lies between its input '" + value
                                + "' and its output");
            }
            if (isLinear(node, graph, producers)) {
                return new ClassifierLayer(node, beforeDropout(node.input(0), graph, producers), node.is("Conv"));
            }
            if (node.is("Mean")) {
                // Of an ensemble, the first member goes on.
                value = node.input(0);
                continue;
            }
            List<String> data = node.inputs().stream()
                    .filter(input -> !input.isEmpty() && !isConstant(input, graph, producers))
                    .toList();
            if (!node.domain().isEmpty() || !AFTERWARDS.contains(node.operator()) || data.size() != 1) {
                throw new FieldfareException(
                        file + " ends in a way that Fieldfare cannot retrain: the " + node.describe()
                                + " stands where a classifier was expected (Gemm, MatMul with Add, or a 1 x 1 Conv,"
                                + " then at most pooling, reshaping and softmax)");
            }
            value = data.getFirst();
        }
    }

    /**
     * Dropout in front of the layer goes with it, and so does what belongs to it: a factor behind it that keeps the
     * expectation, and the centre that {@link LastLayer} takes from the features before it.
     */
    private static String beforeDropout(String value, Graph graph, Map<String, Node> producers) {
        Node node = producers.get(value);
        if (node != null && node.is("Mul") && graph.initializers().get(node.input(1)) instanceof TensorData factor) {
            node = factor.shape().elements() == 1 ? producers.get(node.input(0)) : null;
        }
        if (node == null || !node.is("Dropout")) {
            return value;
        }
        Node centred = producers.get(node.input(0));
        return centred != null && centred.is("Sub") && graph.initializers().containsKey(centred.input(1))
                ? centred.input(0)
                : node.input(0);
    }

    private static boolean isLinear(Node node, Graph graph, Map<String, Node> producers) {
        if (!node.is("Gemm") && !node.is("MatMul") && !node.is("Conv")) {
            return false;
        }
        boolean weights = !isConstant(node.input(0), graph, producers) && isConstant(node.input(1), graph, producers);
        if (node.is("Gemm")) {
            return weights && node.integer("transA", 0) == 0;
        }
        return weights && (node.is("MatMul") || isPointwise(node, graph, producers));
    }

    /** Whether a convolution is 1 x 1, ungrouped: a linear layer at every place. */
    private static boolean isPointwise(Node node, Graph graph, Map<String, Node> producers) {
        long[] kernel = node.integers("kernel_shape");
        if (kernel.length == 0) {
            TensorData weight = weight(node.input(1), graph, producers);
            if (weight == null || weight.shape().rank() < 3) {
                return false;
            }
            kernel = Arrays.stream(weight.shape().sizes()).skip(2).toArray();
        }
        return Arrays.stream(kernel).allMatch(size -> size == 1) && node.integer("group", 1) == 1;
    }

    /** The stored tensor behind a weight, through de-quantization. */
    private static @Nullable TensorData weight(String value, Graph graph, Map<String, Node> producers) {
        Node producer = producers.get(value);
        return producer != null && producer.is("DequantizeLinear")
                ? weight(producer.input(0), graph, producers)
                : graph.initializers().get(value);
    }

    /** Whether a value depends on no input: an initializer, or computed from such only. */
    private static boolean isConstant(String value, Graph graph, Map<String, Node> producers) {
        if (graph.initializers().containsKey(value)) {
            return true;
        }
        Node producer = producers.get(value);
        return producer != null
                && producer.inputs().stream().allMatch(input -> input.isEmpty() || isConstant(input, graph, producers));
    }
}

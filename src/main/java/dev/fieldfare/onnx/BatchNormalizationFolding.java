package dev.fieldfare.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Multiplies batch normalizations with frozen statistics into the layers before them, {@code gamma / sqrt(variance +
 * epsilon)} into the weights and the rest into the bias, so that they cost nothing and no gradient has to pass them. For
 * graphs in which the normalization is not trained.
 */
public final class BatchNormalizationFolding {
    private BatchNormalizationFolding() {}

    /**
     * What came of it.
     *
     * @param folded how many normalizations are gone
     */
    public record Result(Graph graph, int folded) {}

    /** Folds wherever it can be done; see {@link #fold(Graph, Predicate)}. */
    public static Result fold(Graph graph) {
        return fold(graph, node -> true);
    }

    /**
     * Folds each {@code BatchNormalization} (9 to 15, one output, not in training mode) that matches and whose input is
     * computed by a {@code Conv}, {@code ConvTranspose} or {@code Gemm} for it alone, if all statistics and weights are
     * float32 constants and nothing else reads the weights. The layer then computes the normalization's output under
     * that name. Weights keep their names; so does a bias that nothing else reads, and a new one is named after the
     * layer's output.
     */
    public static Result fold(Graph graph, Predicate<Node> which) {
        Map<String, Integer> readers = readers(graph);
        Map<String, Node> producers = graph.producers();
        Map<String, TensorData> constants = new HashMap<>(graph.initializers());
        graph.inputs().forEach(value -> constants.remove(value.name()));
        GraphBuilder builder = GraphBuilder.from(graph);
        Map<Node, Node> replaced = new HashMap<>();
        for (Node node : graph.nodes()) {
            Node layer = producers.get(node.input(0));
            if (layer == null
                    || !node.is("BatchNormalization")
                    || node.outputs().size() != 1
                    || node.integer("training_mode", 0) != 0
                    || !which.test(node)
                    || readers.getOrDefault(node.input(0), 0) != 1
                    || readers.getOrDefault(layer.input(1), 0) != 1) {
                continue;
            }
            Optional<double[][]> affine = affine(node, constants);
            Optional<LayerWeights> weights = affine.flatMap(map -> LayerWeights.of(layer, constants, map[0].length));
            if (weights.isEmpty()) {
                continue;
            }
            LayerWeights scaled = weights.get().followedBy(affine.orElseThrow()[0], affine.orElseThrow()[1]);
            builder.replaceConstant(layer.input(1), scaled.weight());
            String bias = layer.input(2);
            if (readers.getOrDefault(bias, 0) == 1) {
                builder.replaceConstant(bias, scaled.bias());
            } else {
                bias = builder.constant(biasName(layer.input(1)), scaled.bias());
            }
            Map<String, Attribute> attributes = new HashMap<>(layer.attributes());
            attributes.remove("beta");
            replaced.put(
                    layer,
                    new Node(
                            layer.name(),
                            "",
                            layer.operator(),
                            List.of(layer.input(0), layer.input(1), bias),
                            node.outputs(),
                            attributes));
            replaced.put(node, node);
        }
        if (replaced.isEmpty()) {
            return new Result(graph, 0);
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node by = replaced.getOrDefault(node, node);
            if (by != node || !replaced.containsKey(node)) {
                nodes.add(by);
            }
        }
        builder.removeNodes(node -> true);
        nodes.forEach(builder::add);
        builder.prune();
        return new Result(builder.build(), replaced.size() / 2);
    }

    /** How often each value is read, by outputs and by the bodies of control-flow operators too. */
    private static Map<String, Integer> readers(Graph graph) {
        Map<String, Integer> readers = new HashMap<>();
        for (Node node : graph.nodes()) {
            node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
            node.reads().stream()
                    .filter(read -> !node.inputs().contains(read))
                    .forEach(read -> readers.merge(read, 1, Integer::sum));
        }
        graph.outputs().forEach(value -> readers.merge(value.name(), 1, Integer::sum));
        return readers;
    }

    /** The normalization as {@code factor * x + offset} a channel: the row of factors and the row of offsets. */
    private static Optional<double[][]> affine(Node node, Map<String, TensorData> constants) {
        List<TensorData> operands = new ArrayList<>();
        for (String input : node.inputs().subList(1, 5)) {
            TensorData data = constants.get(input);
            if (data == null || data.type() != ElementType.FLOAT) {
                return Optional.empty();
            }
            operands.add(data);
        }
        float[] scale = operands.get(0).floats();
        float[] bias = operands.get(1).floats();
        float[] mean = operands.get(2).floats();
        float[] variance = operands.get(3).floats();
        float epsilon = node.real("epsilon", 1e-5f);
        double[][] affine = new double[2][scale.length];
        for (int i = 0; i < scale.length; i++) {
            affine[0][i] = scale[i] / Math.sqrt((double) variance[i] + epsilon);
            affine[1][i] = bias[i] - affine[0][i] * mean[i];
        }
        return Optional.of(affine);
    }

    /** {@code conv1.bias} beside {@code conv1.weight}; what is called otherwise gets a suffix. */
    private static String biasName(String weight) {
        return weight.endsWith("weight")
                ? weight.substring(0, weight.length() - "weight".length()) + "bias"
                : weight + "_bias";
    }
}

package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a graph as ONNX Runtime has them once it is loaded, as far as it matters for memory: what reads only
 * constants is computed at load, what changes nothing vanishes, a matrix product reads a transposed matrix as it was before,
 * and a convolution or a matrix product absorbs the addition and the activation behind it. As there, what is merged is a new node and stands behind all others.
 *
 * <p>Not followed here: the blocked layout (NCHWc) that convolutions with constant weights and poolings get on x64, which
 * takes about as much memory as the plain one.
 */
final class LoadedGraph {
    private static final Map<String, Set<String>> ACTIVATIONS = Map.of(
            "Conv", Set.of("Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid"),
            "Gemm",
                    Set.of(
                            "Relu",
                            "LeakyRelu",
                            "Sigmoid",
                            "Tanh",
                            "HardSigmoid",
                            "Elu",
                            "Selu",
                            "Softplus",
                            "Softsign",
                            "ThresholdedRelu"));

    /** ONNX Runtime's own operator: a MatMul that reads its operands turned. */
    private static final String FUSED_PRODUCT = "FusedMatMul";

    private final Map<String, Value> values;
    private final Set<String> outputs = new HashSet<>();
    private final Map<String, Integer> readers = new HashMap<>();
    private final Map<String, Node> onlyReader = new HashMap<>();

    private LoadedGraph(Graph graph, Map<String, Value> values) {
        this.values = values;
        graph.outputs().forEach(output -> outputs.add(output.name()));
    }

    static List<Node> nodes(Graph graph, Map<String, Value> values) {
        LoadedGraph loaded = new LoadedGraph(graph, values);
        List<Node> running = QuantizedNodes.merged(running(graph), loaded.outputs);
        return loaded.merged(loaded.withTransposed(loaded.withoutIdentities(running)));
    }

    private static List<Node> running(Graph graph) {
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        List<Node> running = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.is("Shape") || node.is("Size") || constants.containsAll(node.reads())) {
                constants.addAll(node.outputs());
            } else {
                running.add(node);
            }
        }
        return running;
    }

    /** An identity is its input under another name, unless both names are needed outside or others read the input. */
    private List<Node> withoutIdentities(List<Node> nodes) {
        countReaders(nodes);
        Set<String> computed = new HashSet<>();
        nodes.forEach(node -> computed.addAll(node.outputs()));
        Map<String, String> names = new HashMap<>();
        List<Node> kept = new ArrayList<>();
        for (Node node : nodes) {
            String input = names.getOrDefault(node.input(0), node.input(0));
            if (changesNothing(node) && !outputs.contains(node.output(0))) {
                names.put(node.output(0), input);
            } else if (changesNothing(node)
                    && computed.contains(input)
                    && !outputs.contains(input)
                    && readers.getOrDefault(node.input(0), 0) == 1) {
                names.put(input, node.output(0));
            } else {
                kept.add(node);
            }
        }
        return kept.stream().map(node -> renamed(node, names)).toList();
    }

    private boolean changesNothing(Node node) {
        return node.is("Identity")
                || node.is("Cast")
                        && values.get(node.input(0)) instanceof Value from
                        && from.type().code() == node.integer("to", 0);
    }

    private static Node renamed(Node node, Map<String, String> names) {
        return new Node(
                node.name(),
                node.domain(),
                node.operator(),
                node.inputs().stream()
                        .map(name -> names.getOrDefault(name, name))
                        .toList(),
                node.outputs().stream()
                        .map(name -> names.getOrDefault(name, name))
                        .toList(),
                node.attributes());
    }

    /** A product of stacks of matrices does not wait for its operands to be turned. */
    private List<Node> withTransposed(List<Node> nodes) {
        countReaders(nodes);
        Map<String, Node> transpositions = new HashMap<>();
        nodes.stream().filter(LoadedGraph::turnsMatrices).forEach(node -> transpositions.put(node.output(0), node));
        Set<Node> absorbed = new HashSet<>();
        List<Node> kept = new ArrayList<>();
        List<Node> merged = new ArrayList<>();
        for (Node node : nodes) {
            if (!node.is("MatMul") || node.inputs().stream().noneMatch(transpositions::containsKey)) {
                kept.add(node);
                continue;
            }
            List<String> inputs = new ArrayList<>();
            for (String input : node.inputs()) {
                Node transposition = transpositions.get(input);
                inputs.add(transposition == null ? input : transposition.input(0));
                if (transposition != null && readers.getOrDefault(input, 0) == 1 && !outputs.contains(input)) {
                    absorbed.add(transposition);
                }
            }
            merged.add(behind(node, FUSED_PRODUCT, inputs, node));
        }
        kept.removeAll(absorbed);
        kept.addAll(merged);
        return kept;
    }

    private static boolean turnsMatrices(Node node) {
        long[] order = node.integers("perm");
        int rank = order.length;
        if (!node.is("Transpose") || rank < 2 || order[rank - 1] != rank - 2 || order[rank - 2] != rank - 1) {
            return false;
        }
        return IntStream.range(0, rank - 2).allMatch(axis -> order[axis] == axis);
    }

    private List<Node> merged(List<Node> nodes) {
        countReaders(nodes);
        Set<Node> absorbed = new HashSet<>();
        List<Node> kept = new ArrayList<>();
        List<Node> merged = new ArrayList<>();
        for (Node node : nodes) {
            if (absorbed.contains(node)) {
                continue;
            }
            Node whole = node;
            Node reader = reader(whole);
            if (reader != null && reader.is("Add") && absorbsSum(node, reader)) {
                absorbed.add(reader);
                whole = withSum(node, reader);
                reader = reader(whole);
            }
            if (reader != null
                    && reader.domain().isEmpty()
                    && whole.domain().isEmpty()
                    && ACTIVATIONS.getOrDefault(whole.operator(), Set.of()).contains(reader.operator())) {
                absorbed.add(reader);
                whole = behind(whole, whole.operator(), whole.inputs(), reader);
            }
            (whole == node ? kept : merged).add(whole);
        }
        kept.addAll(merged);
        return kept;
    }

    /** A convolution takes a sum of its own shape, a matrix product what can be repeated to its shape. */
    private boolean absorbsSum(Node node, Node addition) {
        Shape product = shape(node.output(0));
        Shape other = shape(other(addition, node.output(0)));
        if (product == null || other == null) {
            return false;
        }
        return node.is("Conv") && product.equals(other)
                || node.is("MatMul")
                        && product.rank() == 2
                        && other.rank() <= 2
                        && product.equals(shape(addition.output(0)));
    }

    private static Node withSum(Node node, Node addition) {
        String other = other(addition, node.output(0));
        return node.is("Conv")
                ? behind(node, "Conv", List.of(node.input(0), node.input(1), node.input(2), other), addition)
                : behind(node, "Gemm", List.of(node.input(0), node.input(1), other), addition);
    }

    private static String other(Node addition, String operand) {
        return addition.input(addition.input(0).equals(operand) ? 1 : 0);
    }

    /** The node as this operator with these inputs, whose result is that of the last. */
    private static Node behind(Node node, String operator, List<String> inputs, Node last) {
        return new Node(node.name(), "", operator, inputs, last.outputs(), node.attributes());
    }

    /** The node that alone reads the node's output; null if there are several, or none, or the caller wants it. */
    private @Nullable Node reader(Node node) {
        String output = node.output(0);
        return readers.getOrDefault(output, 0) == 1 && !outputs.contains(output) ? onlyReader.get(output) : null;
    }

    private @Nullable Shape shape(String name) {
        Value value = values.get(name);
        return value == null ? null : value.shape();
    }

    private void countReaders(List<Node> nodes) {
        readers.clear();
        onlyReader.clear();
        for (Node node : nodes) {
            node.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
            node.reads().forEach(read -> onlyReader.put(read, node));
        }
    }
}

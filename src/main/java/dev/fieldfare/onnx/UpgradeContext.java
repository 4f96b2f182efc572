package dev.fieldfare.onnx;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the upgrade of a node may ask and do: one for a graph and one for each body within it. */
final class UpgradeContext {
    /** Operators whose first output has the rank of their first input. */
    private static final Set<String> KEEP_RANK = Set.of(
            "Conv",
            "ConvTranspose",
            "MaxPool",
            "AveragePool",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "BatchNormalization",
            "InstanceNormalization",
            "LRN",
            "Relu",
            "LeakyRelu",
            "PRelu",
            "Elu",
            "Selu",
            "Sigmoid",
            "Tanh",
            "Clip",
            "Dropout",
            "Identity",
            "Softmax",
            "LogSoftmax",
            "Concat",
            "Transpose",
            "Pad",
            "Cast");

    private final long from;
    private final Set<String> names;
    private final Map<String, TensorData> initializers;
    private final boolean otherFloats;
    private final Map<TensorData, String> added;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<String, TensorData> constants = new HashMap<>();
    private final Set<String> read = new HashSet<>();

    UpgradeContext(
            long from,
            Set<String> names,
            Map<String, TensorData> initializers,
            boolean otherFloats,
            Map<TensorData, String> added) {
        this.from = from;
        this.names = names;
        this.initializers = initializers;
        this.otherFloats = otherFloats;
        this.added = added;
    }

    /** The context for a graph, or for a body inside of the graph of this context. */
    UpgradeContext within(Graph graph) {
        UpgradeContext inner = new UpgradeContext(from, names, initializers, otherFloats, added);
        inner.ranks.putAll(ranks);
        inner.constants.putAll(constants);
        List.of(graph.inputs(), graph.outputs(), graph.values()).forEach(values -> values.forEach(inner::learn));
        graph.initializers().forEach((name, data) -> {
            inner.ranks.put(name, data.shape().rank());
            inner.constants.put(name, data);
        });
        graph.nodes().forEach(node -> inner.read.addAll(node.reads()));
        graph.outputs().forEach(value -> inner.read.add(value.name()));
        return inner;
    }

    private void learn(Value value) {
        Shape shape = value.shape();
        if (shape != null) {
            ranks.put(value.name(), shape.rank());
        }
    }

    /** The operator set that the model is written in. */
    long from() {
        return from;
    }

    /** Whether a node or an output of this graph reads the value. */
    boolean isRead(String value) {
        return read.contains(value);
    }

    /** The elements of a constant, null if the value is computed. */
    @Nullable
    TensorData constantOf(String value) {
        return constants.get(value);
    }

    /** The rank of a value, where the file says it or where it follows simply. */
    OptionalInt rank(String value) {
        Integer rank = ranks.get(value);
        return rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    /** A one-dimensional int64 constant; equal ones are kept once. */
    String longs(long... values) {
        return constant(TensorData.ofLongs(values));
    }

    /** A one-dimensional float32 constant. */
    String floats(float... values) {
        return constant(TensorData.ofFloats(values, values.length));
    }

    /** A float32 scalar. */
    String scalar(float value) {
        return constant(TensorData.ofScalar(value));
    }

    /** A scalar of the element type of another value. */
    String scalarLike(float value, String other, Node node) {
        String scalar = scalar(value);
        // Element types are not inferred here, so in a model that mixes them the conversion is left to the graph.
        return otherFloats ? apply(node, "CastLike", List.of(scalar, other), Map.of()) : scalar;
    }

    private String constant(TensorData data) {
        return added.computeIfAbsent(data, key -> {
            String name = fresh("upgraded");
            initializers.put(name, key);
            return name;
        });
    }

    private String fresh(String hint) {
        String candidate = hint;
        for (int i = 1; !names.add(candidate); i++) {
            candidate = hint + "_" + i;
        }
        return candidate;
    }

    /** Adds a node that helps to replace another, and returns its output. */
    String apply(Node replaced, String operator, List<String> operands, Map<String, Attribute> attributes) {
        String output = fresh(replaced.output(0) + "_" + operator);
        nodes.add(new Node("", "", operator, operands, List.of(output), attributes));
        return output;
    }

    /** Adds a node as it is. */
    void emit(Node node) {
        if (node.is("Constant") && node.attributes().get("value") instanceof Attribute.Tensor(TensorData value)) {
            constants.put(node.output(0), value);
            ranks.putIfAbsent(node.output(0), value.shape().rank());
        }
        if (node.domain().isEmpty() && KEEP_RANK.contains(node.operator())) {
            rank(node.input(0)).ifPresent(rank -> ranks.putIfAbsent(node.output(0), rank));
        }
        if (node.is("Gemm") || node.is("Flatten")) {
            ranks.putIfAbsent(node.output(0), 2);
        }
        nodes.add(node);
    }

    /** Adds the node with other inputs and without some attributes. */
    void emit(Node node, List<String> inputs, String... withoutAttributes) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        Arrays.asList(withoutAttributes).forEach(attributes::remove);
        emit(node, node.operator(), inputs, attributes);
    }

    /** Adds the node as another operator. */
    void emit(Node node, String operator, List<String> inputs, Map<String, Attribute> attributes) {
        emit(new Node(node.name(), "", operator, inputs, node.outputs(), attributes));
    }

    List<Node> nodes() {
        return nodes;
    }

    FieldfareException refusal(Node node, String reason) {
        return new FieldfareException("the " + node.describe() + " is written in operator set " + from
                + " and cannot be brought to operator set " + OperatorSetUpgrade.VERSION + ": " + reason
                + "; export the model again with opset " + OperatorSetUpgrade.VERSION);
    }
}

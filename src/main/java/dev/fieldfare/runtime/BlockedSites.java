package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where {@link BlockedChannels} computes values in the blocked layout. */
final class BlockedSites {
    /** Operators that treat every element alike, and make no infinity of the zeros that fill up a block. */
    private static final Set<String> ELEMENTWISE = Set.of(
            "Add",
            "And",
            "Cast",
            "Clip",
            "Elu",
            "Greater",
            "HardSigmoid",
            "HardSwish",
            "LeakyRelu",
            "Less",
            "Mul",
            "Not",
            "Or",
            "Relu",
            "Sigmoid",
            "Sub",
            "Tanh");

    /** A reordering brings in channels by fours. */
    private static final long LEAST_CHANNELS = 4;

    private final Map<String, Value> values;
    private final int block;
    private final Map<String, TensorData> constants;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;
    private final Set<String> outputs = new HashSet<>();
    private final Map<String, Kind> kinds = new HashMap<>();
    private final Map<String, Boolean> leading = new HashMap<>();

    private enum Kind {
        CONVOLUTION,
        ELEMENTWISE,
        VIEW
    }

    private BlockedSites(Graph graph, Map<String, Value> values, int block) {
        this.values = values;
        this.block = block;
        this.constants = graph.initializers();
        this.producers = graph.producers();
        this.consumers = graph.consumers();
        graph.outputs().forEach(output -> outputs.add(output.name()));
    }

    /** Whether there is a depthwise convolution whose weight is no constant; for that, no shapes are needed. */
    static boolean mayHave(Graph graph, int block) {
        return graph.nodes().stream()
                .anyMatch(node -> node.is("Conv")
                        && node.integer("group", 1) > 1
                        && node.integer("group", 1) % block == 0
                        && !graph.initializers().containsKey(node.input(1)));
    }

    static BlockedSites of(Graph graph, Map<String, Value> values, int block) {
        BlockedSites sites = new BlockedSites(graph, values, block);
        for (Node node : graph.nodes()) {
            Kind kind = sites.kind(node);
            if (kind != null) {
                sites.kinds.put(node.output(0), kind);
            }
        }
        return sites;
    }

    boolean isEmpty() {
        return kinds.isEmpty();
    }

    boolean contains(String value) {
        return kinds.containsKey(value);
    }

    boolean isConvolution(String value) {
        return kinds.get(value) == Kind.CONVOLUTION;
    }

    boolean isView(String value) {
        return kinds.get(value) == Kind.VIEW;
    }

    /** Whether the plain value is had from the blocked one; there are no conditions among those that can. */
    boolean isReordered(String value) {
        return kinds.get(value) == Kind.ELEMENTWISE && isFloat(value);
    }

    /** Whether the value is one number for all elements. */
    boolean isNumber(String value) {
        Shape shape = values.containsKey(value) ? values.get(value).shape() : null;
        return value.isEmpty() || shape != null && shape.isFixed() && shape.elements() == 1;
    }

    /** The shape of a value that is known to have one. */
    Shape shape(String value) {
        return Objects.requireNonNull(fixed(value), value);
    }

    /** The pictures that a depthwise weight [pictures * channels, 1, ...] is a view of; null if it is none. */
    @Nullable
    String viewed(String weight) {
        Node view = producers.get(weight);
        return view != null && isPictures(view.input(0), weight, view) ? view.input(0) : null;
    }

    /** The attributes by which a convolution takes the node in; empty if it cannot. */
    Map<String, Attribute> activation(Node node) {
        Map<String, Attribute> activation = new TreeMap<>();
        if (node.is("Relu")) {
            activation.put("activation", Attribute.of("Relu"));
        } else if (node.is("Clip")
                && constants.get(node.input(1)) instanceof TensorData least
                && constants.get(node.input(2)) instanceof TensorData most
                && least.type() == ElementType.FLOAT
                && most.type() == ElementType.FLOAT) {
            activation.put("activation", Attribute.of("Clip"));
            activation.put("activation_params", new Attribute.Reals(List.of(least.floats()[0], most.floats()[0])));
        }
        return activation;
    }

    /** Whether the value is a convolution, or a sum with one, that is read by one node only. */
    boolean endsIn(String value) {
        Node node = producers.get(value);
        return node != null && isReadOnce(value) && (isConvolution(value) || addend(node) != null);
    }

    /** The operand of a sum that is a convolution read by the sum only; null if there is none. */
    @Nullable
    String addend(Node node) {
        if (!node.is("Add") || !contains(node.output(0)) || node.input(0).equals(node.input(1))) {
            return null;
        }
        if (isNumber(node.input(0)) || isNumber(node.input(1))) {
            return null;
        }
        // The later one: the other is there by then.
        for (String operand : List.of(node.input(1), node.input(0))) {
            if (isConvolution(operand) && isReadOnce(operand)) {
                return operand;
            }
        }
        return null;
    }

    private boolean isReadOnce(String value) {
        return consumers.getOrDefault(value, List.of()).size() == 1 && !outputs.contains(value);
    }

    private @Nullable Kind kind(Node node) {
        if (isDepthwise(node)) {
            return Kind.CONVOLUTION;
        }
        if (isDense(node) && (contains(node.input(0)) || leadsToDepthwise(node.output(0)))) {
            return Kind.CONVOLUTION;
        }
        if (isElementwise(node)) {
            return Kind.ELEMENTWISE;
        }
        return contains(node.input(0)) && isPictures(node.input(0), node.output(0), node) ? Kind.VIEW : null;
    }

    private boolean isDepthwise(Node node) {
        Shape w = weight(node);
        return w != null
                && w.size(1) == 1
                && w.size(0) == shape(node.input(0)).size(1)
                && w.size(0) == node.integer("group", 1)
                && w.size(0) % block == 0;
    }

    private boolean isDense(Node node) {
        Shape w = weight(node);
        if (w == null || node.integer("group", 1) != 1 || w.size(0) % LEAST_CHANNELS != 0) {
            return false;
        }
        long read = w.size(1);
        if (!readsPlain(node)) {
            if (read % LEAST_CHANNELS != 0) {
                return false;
            }
            read = BlockedWeights.filled(read, block);
        }
        // What fills up the blocks is computed, too.
        return 2 * BlockedWeights.filled(w.size(0), block) * read <= 3 * w.size(0) * w.size(1);
    }

    /** Whether a convolution of few channels, such as the first, reads them as they are; its kernels can. */
    boolean readsPlain(Node convolution) {
        return convolution.integer("group", 1) == 1
                && shape(convolution.input(1)).size(1) < block
                && !contains(convolution.input(0));
    }

    /** The shape of the weight of a convolution of pictures; null if the node is none. */
    private @Nullable Shape weight(Node node) {
        Shape x = fixed(node.input(0));
        Shape w = fixed(node.input(1));
        return node.is("Conv") && x != null && x.rank() == 4 && w != null && fixed(node.output(0)) != null ? w : null;
    }

    /** Whether a depthwise convolution reads the value, be it by way of others that can lie in blocks. */
    private boolean leadsToDepthwise(String value) {
        Boolean known = leading.get(value);
        if (known == null) {
            known = consumers.getOrDefault(value, List.of()).stream()
                    .anyMatch(node -> isDepthwise(node)
                            || (treatsAlike(node) || isDense(node)) && leadsToDepthwise(node.output(0)));
            leading.put(value, known);
        }
        return known;
    }

    private boolean isElementwise(Node node) {
        return treatsAlike(node)
                && tensors(node).stream().anyMatch(this::contains)
                && tensors(node).stream().allMatch(input -> contains(input) || isFloat(input));
    }

    /** Whether the node treats all elements of its operands alike, which are all of one shape. */
    private boolean treatsAlike(Node node) {
        Shape shape = fixed(node.output(0));
        return node.domain().isEmpty()
                && ELEMENTWISE.contains(node.operator())
                && shape != null
                && shape.rank() == 4
                && shape.size(1) % LEAST_CHANNELS == 0
                && tensors(node).stream().allMatch(input -> shape.equals(fixed(input)));
    }

    private List<String> tensors(Node node) {
        return node.inputs().stream().filter(input -> !isNumber(input)).toList();
    }

    /** Whether a Reshape makes [1, pictures * channels, ...] or [pictures * channels, 1, ...] of pictures of whole blocks. */
    private boolean isPictures(String from, String to, Node node) {
        Shape x = fixed(from);
        Shape y = fixed(to);
        return node.is("Reshape")
                && x != null
                && y != null
                && x.rank() == 4
                && y.rank() == 4
                && x.size(2) == y.size(2)
                && x.size(3) == y.size(3)
                && x.size(1) % block == 0
                && isFloat(from);
    }

    private boolean isFloat(String value) {
        Value known = values.get(value);
        return known != null && known.type() == ElementType.FLOAT;
    }

    private @Nullable Shape fixed(String name) {
        Value value = values.get(name);
        return value == null || value.shape() == null || !value.shape().isFixed() ? null : value.shape();
    }
}

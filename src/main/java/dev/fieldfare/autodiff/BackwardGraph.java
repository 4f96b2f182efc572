package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one differentiation knows of the forward graph, and the backward nodes that it has emitted so far. */
final class BackwardGraph {
    private final GraphBuilder builder;
    private final Graph forward;
    private final Map<String, Shape> shapes;
    private final Kernels kernels;
    private final Map<String, Node> producers;
    private final Set<String> dependent;
    private final Map<String, List<String>> parts = new HashMap<>();
    private final Map<String, View> views = new HashMap<>();
    private final Map<String, String> repeated = new HashMap<>();

    BackwardGraph(GraphBuilder builder, Map<String, Shape> shapes, Set<String> wanted, Kernels kernels) {
        this.kernels = kernels;
        this.builder = builder;
        this.forward = builder.build();
        this.shapes = shapes;
        this.producers = forward.producers();
        this.dependent = dependent(forward, wanted);
    }

    /** The values that change with a wanted value, the wanted values included. */
    private static Set<String> dependent(Graph forward, Set<String> wanted) {
        Set<String> dependent = new HashSet<>(wanted);
        for (Node node : forward.nodes()) {
            GradientRule rule = GradientRules.find(node);
            // An operator without a rule counts as differentiable: it is refused if the loss depends on it.
            if ((rule == null || rule.differentiates(node))
                    && node.reads().stream().anyMatch(dependent::contains)) {
                dependent.addAll(node.outputs());
            }
        }
        dependent.remove("");
        return dependent;
    }

    Kernels kernels() {
        return kernels;
    }

    Graph forward() {
        return forward;
    }

    Map<String, Node> producers() {
        return producers;
    }

    boolean dependsOnWanted(String value) {
        return dependent.contains(value);
    }

    /** @param reader the node that asks, for the message */
    Shape shape(String value, Node reader) {
        Shape shape = shapes.get(value);
        if (shape == null || !shape.isFixed()) {
            throw new FieldfareException("the shape of '" + value + "' at the " + reader.describe() + " is "
                    + (shape == null ? "unknown" : shape.toString())
                    + "; differentiating needs fixed shapes: give the model's inputs fixed sizes");
        }
        return shape;
    }

    long @Nullable [] constantLongs(String value) {
        TensorData data = constant(value);
        if (data == null || data.type() != ElementType.INT32) {
            return data != null && data.type() == ElementType.INT64 ? data.longs() : null;
        }
        long[] elements = new long[Math.toIntExact(data.shape().elements())];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = data.bytes().getInt(i * Integer.BYTES);
        }
        return elements;
    }

    @Nullable
    TensorData constant(String value) {
        Node producer = producers.get(value);
        if (producer == null || !producer.is("Constant")) {
            return forward.initializers().get(value);
        }
        if (producer.attributes().get("value_ints") instanceof Attribute.Ints ints) {
            return TensorData.ofLongs(ints.toArray());
        }
        return producer.attributes().get("value") instanceof Attribute.Tensor tensor ? tensor.value() : null;
    }

    String apply(String hint, String operator, List<String> operands, Map<String, Attribute> attributes) {
        return builder.apply(builder.fresh(hint), operator, operands, attributes);
    }

    /** What an emitted view shows; null for all else. */
    @Nullable
    View viewed(String value) {
        return views.get(value);
    }

    /** Remembers that a value is another one in another shape. */
    void view(String value, String of, Shape shape) {
        views.put(value, new View(of, shape));
    }

    /** What an emitted value repeats along dimensions of size 1; null for all else. */
    @Nullable
    String repeated(String value) {
        return repeated.get(value);
    }

    /** Remembers that a value is another one, repeated. */
    void repeat(String value, String of) {
        repeated.put(value, of);
    }

    /**
     * What a view shows.
     *
     * @param of the value
     * @param shape of that value
     */
    record View(String of, Shape shape) {}

    List<String> apply(
            String hint, String operator, List<String> operands, Map<String, Attribute> attributes, int outputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(builder.fresh(hint + "/" + i));
        }
        builder.add(new Node(names.getFirst(), "", operator, operands, names, attributes));
        return List.copyOf(names);
    }

    String scalar(float value) {
        return builder.constant(value);
    }

    String tensor(String hint, TensorData data) {
        return builder.constant(hint, data);
    }

    String longs(long... values) {
        return builder.constant(values);
    }

    /** Starts at the loss, whose gradient by itself is 1. */
    void seed(String loss, Shape shape) {
        contribute(loss, builder.constant("seed", TensorData.ofFloats(new float[] {1}, shape.sizes())));
    }

    /** Adds a part of the gradient by a value: one for each time that the value is read. */
    void contribute(String value, String gradient) {
        parts.computeIfAbsent(value, key -> new ArrayList<>()).add(gradient);
    }

    /** The gradient by a value, the sum of its parts; null where there is none. All its readers must be done. */
    @Nullable
    String gradient(String value) {
        List<String> gradients = parts.get(value);
        if (gradients == null) {
            return null;
        }
        if (gradients.size() > 1) {
            String operator = gradients.size() == 2 ? "Add" : "Sum";
            String sum = apply(value + "/gradient", operator, gradients, Map.of());
            gradients.clear();
            gradients.add(sum);
        }
        return gradients.getFirst();
    }
}

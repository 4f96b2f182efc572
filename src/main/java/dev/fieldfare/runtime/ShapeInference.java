package dev.fieldfare.runtime;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shapes and types of all values of a graph. ONNX Runtime infers them at load; naming every value as an output makes it tell. The
 * large weights are not needed for that and are left out, so that the question costs little memory.
 */
public final class ShapeInference {
    /** Constants up to this many elements stay: shapes, axes, scales and bounds decide shapes, weights do not. */
    private static final long SMALL = 64;

    private ShapeInference() {}

    /** The shape of every value of the graph, weights included, where ONNX Runtime can tell it. */
    public static Map<String, Shape> of(OnnxModel model) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        values(model).forEach((name, value) -> {
            if (value.shape() instanceof Shape shape) {
                shapes.put(name, shape);
            }
        });
        return shapes;
    }

    /** The same with the element types. */
    public static Map<String, Value> values(OnnxModel model) {
        Graph graph = model.graph();
        Map<String, Value> values = new LinkedHashMap<>();
        List<Value> inputs = new ArrayList<>(graph.requiredInputs());
        Map<String, TensorData> kept = new LinkedHashMap<>();
        for (Map.Entry<String, TensorData> entry : graph.initializers().entrySet()) {
            TensorData data = entry.getValue();
            values.put(entry.getKey(), new Value(entry.getKey(), data.type(), data.shape()));
            if (data.shape().elements() > SMALL) {
                inputs.add(new Value(entry.getKey(), data.type(), data.shape()));
            } else {
                kept.put(entry.getKey(), data);
            }
        }
        Set<String> computed = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(output -> !output.isEmpty()).forEach(computed::add);
        }
        Graph bare = new Graph(
                graph.name(),
                graph.nodes(),
                inputs,
                computed.stream()
                        .map(name -> new Value(name, ElementType.UNDEFINED, null))
                        .toList(),
                kept,
                List.of());
        // With its optimizer on: shapes that the graph itself computes become known by constant folding.
        try (Session session =
                Session.open("the shapes of " + graph.name(), model.withGraph(bare), SessionSettings.ofThreads(1))) {
            session.outputs().values().forEach(value -> values.put(value.name(), countable(value)));
        }
        graph.requiredInputs().forEach(input -> values.put(input.name(), input));
        return values;
    }

    private static Value countable(Value value) {
        if (value.shape() instanceof Shape shape && !shape.isCountable()) {
            throw new FieldfareException("the value '" + value.name() + "' of the model would have the sizes " + shape
                    + ", more than any memory holds; the model is damaged or made to do harm: use another one");
        }
        return value;
    }
}

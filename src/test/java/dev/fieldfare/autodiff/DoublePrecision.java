package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A float32 graph as the same graph in double precision, so that finite differences have digits to spare. */
final class DoublePrecision {
    private DoublePrecision() {}

    static Graph of(Graph graph) {
        Map<String, TensorData> initializers = new LinkedHashMap<>();
        graph.initializers().forEach((name, data) -> initializers.put(name, of(data)));
        return new Graph(
                graph.name(),
                graph.nodes().stream().map(DoublePrecision::of).toList(),
                of(graph.inputs()),
                of(graph.outputs()),
                initializers,
                List.of());
    }

    private static List<Value> of(List<Value> values) {
        return values.stream()
                .map(value -> value.type() == ElementType.FLOAT
                        ? new Value(value.name(), ElementType.DOUBLE, value.shape())
                        : value)
                .toList();
    }

    private static Node of(Node node) {
        if (!node.is("Cast") || node.integer("to", 0) != ElementType.FLOAT.code()) {
            return node;
        }
        Map<String, Attribute> attributes = new HashMap<>(node.attributes());
        attributes.put("to", Attribute.of(ElementType.DOUBLE.code()));
        return new Node(node.name(), node.domain(), node.operator(), node.inputs(), node.outputs(), attributes);
    }

    private static TensorData of(TensorData data) {
        if (data.type() != ElementType.FLOAT) {
            return data;
        }
        float[] floats = data.floats();
        ByteBuffer bytes = ByteBuffer.allocate(floats.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : floats) {
            bytes.putDouble(value);
        }
        return new TensorData(ElementType.DOUBLE, data.shape(), bytes.flip());
    }
}

package dev.fieldfare.onnx;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A graph as text to read and to compare: one line for each input, constant, node and output. */
public final class GraphText {
    /** Longer constants are shown by type and shape only. */
    private static final int SHOWN_ELEMENTS = 8;

    private GraphText() {}

    /**
     * The text. A node reads {@code output = Operator(inputs) {attributes}}, attributes sorted by name; the nodes are in
     * running order.
     */
    public static String of(Graph graph) {
        StringBuilder text = new StringBuilder("graph ").append(graph.name()).append('\n');
        graph.inputs().forEach(value -> text.append("input ").append(declaration(value)));
        graph.initializers()
                .forEach((name, data) ->
                        text.append("constant ").append(name).append(" = ").append(constant(data) + "\n"));
        graph.nodes().forEach(node -> text.append(line(node)).append('\n'));
        graph.outputs().forEach(value -> text.append("output ").append(declaration(value)));
        return text.toString();
    }

    private static String declaration(Value value) {
        Shape shape = value.shape();
        return value.name() + ": " + value.type() + " " + (shape == null ? "of unknown rank" : shape) + "\n";
    }

    private static String line(Node node) {
        String operator = node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator();
        String line =
                String.join(", ", node.outputs()) + " = " + operator + "(" + String.join(", ", node.inputs()) + ")";
        if (node.attributes().isEmpty()) {
            return line;
        }
        StringJoiner attributes = new StringJoiner(", ", " {", "}");
        new TreeMap<>(node.attributes()).forEach((name, value) -> attributes.add(name + " = " + attribute(value)));
        return line + attributes;
    }

    private static String attribute(Attribute attribute) {
        return switch (attribute) {
            case Attribute.Int value -> Long.toString(value.value());
            case Attribute.Real value -> Float.toString(value.value());
            case Attribute.Text value -> '"' + value.value() + '"';
            case Attribute.Ints value -> list(value.values());
            case Attribute.Reals value -> list(value.values());
            case Attribute.Texts value -> list(value.values());
            case Attribute.Tensor value -> constant(value.value());
            case Attribute.Subgraph value -> "graph of " + value.value().nodes().size() + " nodes";
            case Attribute.Opaque opaque -> "...";
        };
    }

    private static String constant(TensorData data) {
        String declaration = data.type() + " " + data.shape();
        boolean shown = data.shape().elements() <= SHOWN_ELEMENTS;
        return switch (data.type()) {
            case FLOAT, DOUBLE, INT32, INT64, BOOL -> shown ? declaration + " " + elements(data) : declaration;
            default -> declaration;
        };
    }

    private static String elements(TensorData data) {
        ByteBuffer bytes = data.bytes();
        StringJoiner elements = new StringJoiner(", ", "{", "}");
        while (bytes.hasRemaining()) {
            elements.add(String.valueOf(
                    switch (data.type()) {
                        case FLOAT -> (Object) bytes.getFloat();
                        case DOUBLE -> bytes.getDouble();
                        case INT32 -> bytes.getInt();
                        case INT64 -> bytes.getLong();
                        default -> bytes.get() != 0;
                    }));
        }
        return elements.toString();
    }

    private static String list(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}

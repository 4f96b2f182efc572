package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.fieldfare.FieldfareException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From protobuf messages to our records. */
final class ProtoReader {
    private final TensorReader tensors;
    private final Path file;

    ProtoReader(TensorReader tensors, Path file) {
        this.tensors = tensors;
        this.file = file;
    }

    Graph graph(GraphProto proto, Map<String, TensorData> initializers) {
        if (proto.getSparseInitializerCount() > 0) {
            throw new FieldfareException("the graph '" + proto.getName()
                    + "' has sparse initializers, which Fieldfare does not read; export the model with dense weights");
        }
        return new Graph(
                proto.getName(),
                proto.getNodeList().stream().map(this::node).toList(),
                proto.getInputList().stream().map(info -> value(info, "input")).toList(),
                proto.getOutputList().stream()
                        .map(info -> value(info, "output"))
                        .toList(),
                initializers,
                proto.getValueInfoList().stream()
                        .filter(info -> info.getType().hasTensorType())
                        .map(info -> value(info, "value"))
                        .toList());
    }

    Node node(NodeProto proto) {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        proto.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute(attribute)));
        if (attributes.size() < proto.getAttributeCount()) {
            throw new FieldfareException(file + " is damaged: its " + proto.getOpType() + " node '" + proto.getName()
                    + "' has two attributes of the same name; fetch it again");
        }
        return new Node(
                proto.getName(),
                proto.getDomain(),
                proto.getOpType(),
                proto.getInputList(),
                proto.getOutputList(),
                attributes);
    }

    private Attribute attribute(AttributeProto proto) {
        return switch (kind(proto)) {
            case INT -> new Attribute.Int(proto.getI());
            case FLOAT -> new Attribute.Real(proto.getF());
            case STRING -> new Attribute.Text(proto.getS().toStringUtf8());
            case INTS -> new Attribute.Ints(proto.getIntsList());
            case FLOATS -> new Attribute.Reals(proto.getFloatsList());
            case STRINGS ->
                new Attribute.Texts(proto.getStringsList().stream()
                        .map(ByteString::toStringUtf8)
                        .toList());
            case TENSOR -> new Attribute.Tensor(tensors.tensor(proto.getT()));
            case GRAPH -> new Attribute.Subgraph(subgraph(proto.getG()));
            // They hold tensors, in places where nobody would look for them.
            case TENSORS, GRAPHS, SPARSE_TENSOR, SPARSE_TENSORS ->
                throw new FieldfareException("the attribute '" + proto.getName() + "' in " + file + " is of the kind "
                        + proto.getType() + ", which Fieldfare does not read; export the model with dense weights");
            default -> new Attribute.Opaque(new Encoded(proto.toByteString()));
        };
    }

    /** Files of the format's first versions leave the kind out; then the field that is set tells. */
    private static AttributeProto.AttributeType kind(AttributeProto proto) {
        if (proto.getType() != AttributeProto.AttributeType.UNDEFINED) {
            return proto.getType();
        }
        if (proto.hasT()) {
            return AttributeProto.AttributeType.TENSOR;
        }
        if (proto.hasG()) {
            return AttributeProto.AttributeType.GRAPH;
        }
        if (proto.hasS()) {
            return AttributeProto.AttributeType.STRING;
        }
        if (proto.hasF()) {
            return AttributeProto.AttributeType.FLOAT;
        }
        if (proto.getFloatsCount() > 0) {
            return AttributeProto.AttributeType.FLOATS;
        }
        if (proto.getStringsCount() > 0) {
            return AttributeProto.AttributeType.STRINGS;
        }
        return proto.hasI() ? AttributeProto.AttributeType.INT : AttributeProto.AttributeType.INTS;
    }

    private Graph subgraph(GraphProto proto) {
        Map<String, TensorData> initializers = new LinkedHashMap<>();
        proto.getInitializerList().forEach(tensor -> initializers.put(tensor.getName(), tensors.tensor(tensor)));
        if (initializers.size() < proto.getInitializerCount()) {
            throw new FieldfareException(file + " is damaged: the graph '" + proto.getName()
                    + "' in it has two initializers of the same name; fetch it again");
        }
        return graph(proto, initializers);
    }

    private Value value(ValueInfoProto info, String role) {
        if (info.getType().hasSequenceType() || info.getType().hasMapType()) {
            throw new FieldfareException("the " + role + " '" + info.getName()
                    + "' of the model is a list or a table, not a tensor; export the model without its ZipMap");
        }
        var tensor = info.getType().getTensorType();
        ElementType type = ElementType.ofCode(tensor.getElemType(), "the " + role + " '" + info.getName() + "'");
        Shape shape = tensor.hasShape() ? shape(tensor.getShape()) : null;
        if (shape != null && !shape.isCountable()) {
            throw new FieldfareException("the " + role + " '" + info.getName() + "' in " + file + " is declared as "
                    + shape + ", which is more than any memory holds; the file is damaged: fetch it again");
        }
        return new Value(info.getName(), type, shape);
    }

    private static Shape shape(TensorShapeProto proto) {
        List<Shape.Dimension> dimensions = new ArrayList<>();
        for (TensorShapeProto.Dimension dimension : proto.getDimList()) {
            // Some exporters write an open batch as size 0 or -1 instead of a name.
            boolean fixed = dimension.hasDimValue() && dimension.getDimValue() > 0;
            dimensions.add(new Shape.Dimension(fixed ? dimension.getDimValue() : -1, dimension.getDimParam()));
        }
        return new Shape(dimensions);
    }
}

package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes ONNX files: self-contained, and the same bytes for the same model, since everything that has no order of its
 * own is sorted. Tensors are streamed from where they lie, so that writing costs no heap either.
 */
final class OnnxWriter {
    private OnnxWriter() {}

    static void write(OnnxModel model, Path file) {
        WholeFile.write(file, channel -> {
            CodedOutputStream output = CodedOutputStream.newInstance(Channels.newOutputStream(channel), 1 << 16);
            write(model, output);
            output.flush();
        });
    }

    /** The model as bytes, for small graphs that go to the runtime directly. */
    static byte[] bytes(OnnxModel model) {
        var buffer = new java.io.ByteArrayOutputStream();
        try {
            CodedOutputStream output = CodedOutputStream.newInstance((OutputStream) buffer);
            write(model, output);
            output.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return buffer.toByteArray();
    }

    private static void write(OnnxModel model, CodedOutputStream output) throws IOException {
        header(model).writeTo(output);
        byte[] body = graphWithoutInitializers(model.graph()).toByteArray();
        Map<TensorProto, TensorData> tensors = new LinkedHashMap<>();
        long size = body.length;
        for (Map.Entry<String, TensorData> entry : model.graph().initializers().entrySet()) {
            TensorProto head = tensorHead(entry.getKey(), entry.getValue());
            tensors.put(head, entry.getValue());
            size += CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
                    + withLength(tensorSize(head, entry.getValue()));
        }
        if (size > Integer.MAX_VALUE) {
            throw new FieldfareException("the model is larger than the 2 GiB that one ONNX file can hold");
        }
        output.writeUInt32NoTag(OnnxFile.lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER));
        output.writeUInt32NoTag((int) size);
        output.writeRawBytes(body);
        for (Map.Entry<TensorProto, TensorData> entry : tensors.entrySet()) {
            output.writeUInt32NoTag(OnnxFile.lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER));
            output.writeUInt32NoTag((int) tensorSize(entry.getKey(), entry.getValue()));
            entry.getKey().writeTo(output);
            ByteBuffer elements = entry.getValue().bytes();
            output.writeUInt32NoTag(OnnxFile.lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER));
            output.writeUInt32NoTag(elements.remaining());
            output.writeRawBytes(elements);
        }
    }

    private static ModelProto header(OnnxModel model) throws InvalidProtocolBufferException {
        ModelProto.Builder builder =
                ModelProto.newBuilder().setIrVersion(model.irVersion()).setProducerName("Fieldfare");
        new TreeMap<>(model.operatorSets())
                .forEach((domain, version) -> builder.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
        new TreeMap<>(model.metadata())
                .forEach((key, value) -> builder.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        for (Encoded function : model.functions()) {
            builder.addFunctions(FunctionProto.parseFrom(function.bytes()));
        }
        return builder.build();
    }

    private static TensorProto tensorHead(String name, TensorData data) {
        return head(data).setName(name).build();
    }

    private static TensorProto.Builder head(TensorData data) {
        TensorProto.Builder builder =
                TensorProto.newBuilder().setDataType(data.type().code());
        for (long size : data.shape().sizes()) {
            builder.addDims(size);
        }
        return builder;
    }

    private static long tensorSize(TensorProto head, TensorData data) {
        return head.getSerializedSize()
                + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
                + withLength(data.bytes().remaining());
    }

    private static long withLength(long bytes) {
        return bytes + CodedOutputStream.computeUInt64SizeNoTag(bytes);
    }

    private static GraphProto graphWithoutInitializers(Graph graph) throws InvalidProtocolBufferException {
        GraphProto.Builder builder = GraphProto.newBuilder().setName(graph.name());
        for (Node node : graph.nodes()) {
            builder.addNode(node(node));
        }
        graph.inputs().forEach(value -> builder.addInput(value(value)));
        graph.outputs().forEach(value -> builder.addOutput(value(value)));
        graph.values().forEach(value -> builder.addValueInfo(value(value)));
        return builder.build();
    }

    private static NodeProto node(Node node) throws InvalidProtocolBufferException {
        NodeProto.Builder builder = NodeProto.newBuilder()
                .setName(node.name())
                .setDomain(node.domain())
                .setOpType(node.operator())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs());
        for (Map.Entry<String, Attribute> entry : new TreeMap<>(node.attributes()).entrySet()) {
            builder.addAttribute(attribute(entry.getKey(), entry.getValue()));
        }
        return builder.build();
    }

    private static AttributeProto attribute(String name, Attribute attribute) throws InvalidProtocolBufferException {
        AttributeProto.Builder builder = AttributeProto.newBuilder();
        switch (attribute) {
            case Attribute.Int(long value) ->
                builder.setType(AttributeProto.AttributeType.INT).setI(value);
            case Attribute.Real(float value) ->
                builder.setType(AttributeProto.AttributeType.FLOAT).setF(value);
            case Attribute.Text(String value) ->
                builder.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
            case Attribute.Ints(var values) ->
                builder.setType(AttributeProto.AttributeType.INTS).addAllInts(values);
            case Attribute.Reals(var values) ->
                builder.setType(AttributeProto.AttributeType.FLOATS).addAllFloats(values);
            case Attribute.Texts(var values) ->
                builder.setType(AttributeProto.AttributeType.STRINGS)
                        .addAllStrings(
                                values.stream().map(ByteString::copyFromUtf8).toList());
            case Attribute.Tensor(TensorData value) ->
                builder.setType(AttributeProto.AttributeType.TENSOR).setT(tensor(value));
            case Attribute.Subgraph(Graph value) ->
                builder.setType(AttributeProto.AttributeType.GRAPH).setG(subgraph(value));
            case Attribute.Opaque(Encoded value) -> builder.mergeFrom(AttributeProto.parseFrom(value.bytes()));
        }
        return builder.setName(name).build();
    }

    private static TensorProto tensor(TensorData data) {
        return head(data).setRawData(ByteString.copyFrom(data.bytes())).build();
    }

    private static GraphProto subgraph(Graph graph) throws InvalidProtocolBufferException {
        GraphProto.Builder builder = graphWithoutInitializers(graph).toBuilder();
        graph.initializers()
                .forEach((name, data) ->
                        builder.addInitializer(tensor(data).toBuilder().setName(name)));
        return builder.build();
    }

    private static ValueInfoProto value(Value value) {
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(value.name());
        if (value.type() == ElementType.UNDEFINED) {
            return info.build();
        }
        TypeProto.Tensor.Builder tensor =
                TypeProto.Tensor.newBuilder().setElemType(value.type().code());
        Shape known = value.shape();
        if (known != null) {
            TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
            for (Shape.Dimension dimension : known.dimensions()) {
                TensorShapeProto.Dimension.Builder size = TensorShapeProto.Dimension.newBuilder();
                if (dimension.isFixed()) {
                    size.setDimValue(dimension.size());
                } else if (!dimension.symbol().isEmpty()) {
                    size.setDimParam(dimension.symbol());
                }
                shape.addDim(size);
            }
            tensor.setShape(shape);
        }
        return info.setType(TypeProto.newBuilder().setTensorType(tensor)).build();
    }
}

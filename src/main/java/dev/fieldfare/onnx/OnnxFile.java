package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.fieldfare.FieldfareException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads ONNX files. The weights stay where they are: the file is walked field by field, and the bytes of each tensor
 * become a view of the mapped file, so that reading a model of any size costs next to no heap.
 */
public final class OnnxFile {
    private OnnxFile() {}

    /**
     * Reads a model and the external data that it names.
     *
     * @throws FieldfareException if there is no such file, if it is something else than an ONNX model, or if it is
     *     damaged; the message says which
     */
    public static OnnxModel read(Path file) {
        ForeignFiles.refuse(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            TensorReader tensors =
                    new TensorReader(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            InputStream stream = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
            return readModel(CodedInputStream.newInstance(stream), tensors, file);
        } catch (InvalidProtocolBufferException e) {
            throw new FieldfareException(
                    file + " is not an ONNX model, or is damaged (" + firstLine(e)
                            + "); fetch it again and compare its size with the source's",
                    e);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Writes a model, see {@link OnnxWriter}: under a temporary name, synced, then renamed. */
    public static void write(OnnxModel model, Path file) {
        OnnxWriter.write(model, file);
    }

    private static OnnxModel readModel(CodedInputStream input, TensorReader tensors, Path file) throws IOException {
        input.setSizeLimit(Integer.MAX_VALUE);
        UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
        GraphParts graph = null;
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
                int limit = input.pushLimit(input.readRawVarint32());
                graph = readGraph(input, tensors);
                input.popLimit(limit);
            } else if (!rest.mergeFieldFrom(tag, input)) {
                throw new InvalidProtocolBufferException("a group ends that never began");
            }
        }
        ModelProto proto = ModelProto.parseFrom(rest.build().toByteString());
        if (graph == null || graph.proto().getNodeCount() == 0) {
            throw new FieldfareException(file + " holds no ONNX graph; is it another kind of file?");
        }
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        proto.getOpsetImportList().forEach(set -> operatorSets.put(standardDomain(set.getDomain()), set.getVersion()));
        Map<String, String> metadata = new LinkedHashMap<>();
        proto.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
        List<Encoded> functions = new ArrayList<>();
        proto.getFunctionsList().forEach(function -> functions.add(new Encoded(function.toByteString())));
        return new OnnxModel(
                proto.getIrVersion(),
                operatorSets,
                new ProtoReader(tensors).graph(graph.proto(), graph.initializers()),
                metadata,
                functions);
    }

    private record GraphParts(GraphProto proto, Map<String, TensorData> initializers) {}

    private static GraphParts readGraph(CodedInputStream input, TensorReader tensors) throws IOException {
        UnknownFieldSet.Builder rest = UnknownFieldSet.newBuilder();
        Map<String, TensorData> initializers = new LinkedHashMap<>();
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
                int limit = input.pushLimit(input.readRawVarint32());
                tensors.readInto(initializers, input);
                input.popLimit(limit);
            } else if (!rest.mergeFieldFrom(tag, input)) {
                throw new InvalidProtocolBufferException("a group ends that never began");
            }
        }
        return new GraphParts(GraphProto.parseFrom(rest.build().toByteString()), initializers);
    }

    static int lengthDelimited(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static String standardDomain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }

    /** The model as bytes: for small graphs that go to the runtime directly, without a file. */
    public static byte[] bytes(OnnxModel model) {
        return OnnxWriter.bytes(model);
    }
}

package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
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
     * Reads a model and the external data that it names. A file is refused if anything in it does not add up: sizes and
     * bytes, names, the order of its nodes; if data would come from elsewhere than its own folder; and if what it holds
     * besides weights would not fit into Java's heap.
     *
     * @throws FieldfareException if there is no such file, if it is something else than an ONNX model, or if it is
     *     damaged; the message says which
     */
    public static OnnxModel read(Path file) {
        ForeignFiles.refuse(file);
        try {
            return readAny(file);
        } catch (OutOfMemoryError e) {
            // A few bytes of a file may ask for an object each. They are all garbage now.
            throw new FieldfareException(
                    file + " holds more besides its weights than fits into Java's part of the memory ("
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MB); a classifier holds some hundred kB. If you trust it,"
                            + " FIELDFARE_JAVA_OPTIONS=-Xmx256m gives it more",
                    e);
        }
    }

    private static OnnxModel readAny(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new FieldfareException(file + " has " + channel.size()
                        + " bytes, but an ONNX file has at most 2 GiB; export the model with external data");
            }
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

    /**
     * Writes a model, see {@link OnnxWriter}: under a temporary name, synced, then renamed. All its weights have been read
     * then, and leave memory again.
     */
    public static void write(OnnxModel model, Path file) {
        OnnxWriter.write(model, file);
        model.graph().initializers().values().forEach(TensorData::unload);
    }

    private static OnnxModel readModel(CodedInputStream input, TensorReader tensors, Path file) throws IOException {
        input.setSizeLimit(Integer.MAX_VALUE);
        Rest rest = new Rest();
        GraphParts graph = null;
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
                if (graph != null) {
                    // Protocol buffers would make one graph of both, and ONNX Runtime see another one than we.
                    throw new FieldfareException(file + " holds two graphs; fetch it again");
                }
                int limit = input.pushLimit(input.readRawVarint32());
                graph = readGraph(input, tensors);
                input.popLimit(limit);
            } else {
                rest.take(tag, input);
            }
        }
        ModelProto proto = ModelProto.parseFrom(rest.bytes());
        if (graph == null || graph.proto().getNodeCount() == 0 || graph.proto().getOutputCount() == 0) {
            throw new FieldfareException(file + " holds no ONNX graph; is it another kind of file?");
        }
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        proto.getOpsetImportList().forEach(set -> operatorSets.put(standardDomain(set.getDomain()), set.getVersion()));
        Map<String, String> metadata = new LinkedHashMap<>();
        proto.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
        List<Encoded> functions = new ArrayList<>();
        proto.getFunctionsList().forEach(function -> functions.add(new Encoded(function.toByteString())));
        ProtoReader reader = new ProtoReader(tensors, file);
        Graph whole = reader.graph(graph.proto(), graph.initializers());
        GraphCheck.check(whole, file);
        FunctionCheck.check(proto, graph.proto().getNodeList(), reader, file);
        return new OnnxModel(proto.getIrVersion(), operatorSets, whole, metadata, functions);
    }

    private record GraphParts(GraphProto proto, Map<String, TensorData> initializers) {}

    private static GraphParts readGraph(CodedInputStream input, TensorReader tensors) throws IOException {
        Rest rest = new Rest();
        Map<String, TensorData> initializers = new LinkedHashMap<>();
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
                int limit = input.pushLimit(input.readRawVarint32());
                tensors.readInto(initializers, input);
                input.popLimit(limit);
            } else {
                rest.take(tag, input);
            }
        }
        return new GraphParts(GraphProto.parseFrom(rest.bytes()), initializers);
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

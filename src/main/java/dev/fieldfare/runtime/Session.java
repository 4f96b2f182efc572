package dev.fieldfare.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph that ONNX Runtime has loaded. Inputs and outputs are tensors of the caller's, so that a run allocates nothing
 * that outlives it, and an output may be the very tensor that is an input: that is how training updates weights where
 * they lie. Several threads may run it at once, each with tensors of its own to write to: they share the weights, and each
 * takes the memory of a run ({@link RunMemory}).
 */
public final class Session implements AutoCloseable {
    private final String name;
    private final OrtSession session;

    /** Bytes of weights up to which the way over the heap is the shorter one. */
    private static final long MOST_BY_HEAP = 1 << 20;

    private Session(String name, OrtSession session) {
        this.name = name;
        this.session = session;
    }

    /**
     * Loads a model from its file, which is the way that needs least memory.
     *
     * @throws FieldfareException if ONNX Runtime refuses it, with its reason
     */
    public static Session open(Path file, SessionSettings settings) {
        try (OrtSession.SessionOptions options = settings.toOptions();
                PlainPath path = PlainPath.to(file)) {
            return new Session(
                    file.toString(),
                    OrtEnvironment.getEnvironment().createSession(path.path().toString(), options));
        } catch (OrtException e) {
            throw refused(file.toString(), e);
        }
    }

    /**
     * Loads a model by way of a file, so that its weights never lie in Java's heap.
     *
     * @param scratch where to write it; gone when this returns
     */
    public static Session open(OnnxModel model, Path scratch, SessionSettings settings) {
        OnnxFile.write(model, scratch);
        try {
            Session session = open(scratch, settings);
            Files.delete(scratch);
            return session;
        } catch (IOException e) {
            throw new FieldfareException("cannot remove " + scratch + ": " + e.getMessage(), e);
        }
    }

    /**
     * Loads a graph. A small one is handed over in memory, where all of it lies in Java's heap for a moment; one with
     * more than a few weights goes by way of a temporary file.
     */
    public static Session open(String name, OnnxModel model, SessionSettings settings) {
        long weights = model.graph().initializers().values().stream()
                .mapToLong(data -> data.type().bytes(data.shape().elements()))
                .sum();
        if (weights > MOST_BY_HEAP) {
            try {
                return open(model, Files.createTempFile("fieldfare-", ".onnx"), settings);
            } catch (IOException e) {
                throw new FieldfareException("cannot make a temporary file for " + name + ": " + e.getMessage(), e);
            }
        }
        try (OrtSession.SessionOptions options = settings.toOptions()) {
            return new Session(name, OrtEnvironment.getEnvironment().createSession(OnnxFile.bytes(model), options));
        } catch (OrtException e) {
            throw refused(name, e);
        }
    }

    private static FieldfareException refused(String name, OrtException e) {
        return new FieldfareException(
                "ONNX Runtime cannot load " + name + ": " + e.getMessage()
                        + "; the model may be invalid or newer than this ONNX Runtime: export it again with a lower"
                        + " opset",
                e);
    }

    /**
     * Runs the graph once.
     *
     * @param inputs a tensor for every input
     * @param outputs a tensor of the right shape for each output that is wanted
     */
    public void run(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        inputs.forEach((input, tensor) -> given.put(input, tensor.onnx()));
        Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
        outputs.forEach((output, tensor) -> pinned.put(output, tensor.onnx()));
        // No output is requested besides the pinned ones, so the result holds nothing of its own.
        try (OrtSession.Result result = session.run(given, Set.of(), pinned)) {
            if (result.size() != outputs.size()) {
                throw new IllegalStateException("ONNX Runtime returned " + result.size() + " outputs, not the "
                        + outputs.size() + " that were bound");
            }
        } catch (OrtException e) {
            throw new FieldfareException("running " + name + " failed: " + e.getMessage(), e);
        }
    }

    /** The shapes of the outputs, as far as ONNX Runtime could work them out; null where not even the rank is known. */
    public Map<String, @Nullable Shape> outputShapes() {
        Map<String, @Nullable Shape> shapes = new LinkedHashMap<>();
        outputs().forEach((name, output) -> shapes.put(name, output.shape()));
        return shapes;
    }

    /** The same with the element types. */
    Map<String, Value> outputs() {
        try {
            Map<String, Value> outputs = new LinkedHashMap<>();
            for (Map.Entry<String, NodeInfo> entry : session.getOutputInfo().entrySet()) {
                String output = entry.getKey();
                outputs.put(
                        output,
                        entry.getValue().getInfo() instanceof TensorInfo info
                                ? new Value(output, type(info), Shape.of(info.getShape()))
                                : new Value(output, ElementType.UNDEFINED, null));
            }
            return outputs;
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not tell the outputs of " + name, e);
        }
    }

    private static ElementType type(TensorInfo info) {
        return switch (info.type) {
            case FLOAT -> ElementType.FLOAT;
            case DOUBLE -> ElementType.DOUBLE;
            case FLOAT16 -> ElementType.FLOAT16;
            case BFLOAT16 -> ElementType.BFLOAT16;
            case INT8 -> ElementType.INT8;
            case INT16 -> ElementType.INT16;
            case INT32 -> ElementType.INT32;
            case INT64 -> ElementType.INT64;
            case UINT8 -> ElementType.UINT8;
            case BOOL -> ElementType.BOOL;
            case STRING -> ElementType.STRING;
            case UNKNOWN -> ElementType.UNDEFINED;
        };
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("closing the session of " + name + " failed", e);
        }
    }
}

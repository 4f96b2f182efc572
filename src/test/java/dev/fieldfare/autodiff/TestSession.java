package dev.fieldfare.autodiff;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A graph in ONNX Runtime, for tests. Elements go in and come out as doubles, whatever the graph computes in. */
final class TestSession implements AutoCloseable {
    private static final Set<String> NOT_FLOAT =
            Set.of("Shape", "Size", "ArgMax", "ArgMin", "Less", "Greater", "Equal", "Constant");

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final OrtSession session;

    TestSession(Graph graph) throws OrtException {
        this(OnnxModel.of(Differentiation.OPERATOR_SET, graph));
    }

    TestSession(long operatorSet, Graph graph) throws OrtException {
        this(OnnxModel.of(operatorSet, graph));
    }

    TestSession(OnnxModel model) throws OrtException {
        options.setIntraOpNumThreads(1);
        session = environment.createSession(OnnxFile.bytes(model), options);
    }

    /** The shapes of a graph's float values, as ONNX Runtime infers them from its inputs' shapes. */
    static Map<String, Shape> shapes(Graph graph) throws OrtException {
        return shapes(Differentiation.OPERATOR_SET, graph);
    }

    static Map<String, Shape> shapes(long operatorSet, Graph graph) throws OrtException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        graph.inputs().forEach(input -> shapes.put(input.name(), input.shape()));
        graph.initializers().forEach((name, data) -> shapes.put(name, data.shape()));
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.setOutputs(graph.nodes().stream()
                .filter(node -> !NOT_FLOAT.contains(node.operator()))
                .map(Node::outputs)
                .flatMap(List::stream)
                .map(output -> new Value(output, ElementType.FLOAT, null))
                .toList());
        try (TestSession session = new TestSession(operatorSet, builder.build())) {
            for (Map.Entry<String, NodeInfo> output :
                    session.session.getOutputInfo().entrySet()) {
                TensorInfo info = (TensorInfo) output.getValue().getInfo();
                shapes.put(output.getKey(), Shape.of(info.getShape()));
            }
        }
        return shapes;
    }

    /** Runs the graph and returns all its outputs. */
    Map<String, double[]> run(Map<String, double[]> inputs) throws OrtException {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        try {
            for (Map.Entry<String, double[]> input : inputs.entrySet()) {
                TensorInfo info = (TensorInfo)
                        Objects.requireNonNull(session.getInputInfo().get(input.getKey()))
                                .getInfo();
                tensors.put(input.getKey(), tensor(input.getValue(), info));
            }
            return step(tensors, Map.of());
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    /** Runs with tensors that stay; pinned outputs are written into theirs, and are not returned. */
    Map<String, double[]> step(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned) throws OrtException {
        Set<String> requested = new LinkedHashSet<>(session.getOutputNames());
        requested.removeAll(pinned.keySet());
        Map<String, double[]> outputs = new HashMap<>();
        try (OrtSession.Result result = session.run(inputs, requested, pinned)) {
            for (String output : requested) {
                outputs.put(output, elements((OnnxTensor) result.get(output).orElseThrow()));
            }
        }
        return outputs;
    }

    /** A float32 tensor in memory of its own, which a step can overwrite. */
    OnnxTensor floats(double[] elements, Shape shape) throws OrtException {
        return OnnxTensor.createTensor(environment, floatBuffer(elements), shape.sizes());
    }

    private OnnxTensor tensor(double[] elements, TensorInfo info) throws OrtException {
        return switch (info.type) {
            case FLOAT -> OnnxTensor.createTensor(environment, floatBuffer(elements), info.getShape());
            case DOUBLE -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(elements), info.getShape());
            default -> throw new IllegalArgumentException("no test needs inputs of " + info.type);
        };
    }

    private static FloatBuffer floatBuffer(double[] elements) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(elements.length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < elements.length; i++) {
            buffer.put(i, (float) elements[i]);
        }
        return buffer;
    }

    static double[] elements(OnnxTensor tensor) {
        if (tensor.getInfo().type == ai.onnxruntime.OnnxJavaType.DOUBLE) {
            DoubleBuffer buffer = tensor.getDoubleBuffer();
            double[] elements = new double[buffer.remaining()];
            buffer.get(elements);
            return elements;
        }
        FloatBuffer buffer = tensor.getFloatBuffer();
        double[] elements = new double[buffer.remaining()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = buffer.get(i);
        }
        return elements;
    }

    @Override
    public void close() throws OrtException {
        session.close();
        options.close();
    }
}

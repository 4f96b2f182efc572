package dev.fieldfare.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** One run of a model in ONNX Runtime, for tests that compare models: any element type in, doubles out. */
final class PlainRun {
    private PlainRun() {}

    /** A result as ONNX Runtime's type, shape and elements. */
    record Output(OnnxJavaType type, long[] shape, double[] elements) {}

    static Map<String, Output> run(OnnxModel model, Map<String, TensorData> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> given = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(OnnxFile.bytes(model), options)) {
                for (Map.Entry<String, TensorData> input : inputs.entrySet()) {
                    TensorInfo info = (TensorInfo)
                            session.getInputInfo().get(input.getKey()).getInfo();
                    ByteBuffer direct = ByteBuffer.allocateDirect(
                                    input.getValue().bytes().remaining())
                            .order(ByteOrder.nativeOrder())
                            .put(input.getValue().bytes())
                            .flip();
                    given.put(
                            input.getKey(),
                            OnnxTensor.createTensor(
                                    environment,
                                    direct,
                                    input.getValue().shape().sizes(),
                                    info.type));
                }
                try (OrtSession.Result result = session.run(given)) {
                    Map<String, Output> outputs = new LinkedHashMap<>();
                    for (Map.Entry<String, OnnxValue> entry : result) {
                        OnnxTensor tensor = (OnnxTensor) entry.getValue();
                        outputs.put(
                                entry.getKey(),
                                new Output(
                                        tensor.getInfo().type, tensor.getInfo().getShape(), elements(tensor)));
                    }
                    return outputs;
                }
            }
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    /** A random value for each input; open sizes are 1. */
    static Map<String, TensorData> randomInputs(Graph graph, RandomGenerator random) {
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        for (Value value : graph.requiredInputs()) {
            long[] sizes = Arrays.stream(value.shape().sizes())
                    .map(size -> Math.max(1, size))
                    .toArray();
            float[] elements = new float[(int) Shape.of(sizes).elements()];
            IntStream.range(0, elements.length).forEach(i -> elements[i] = random.nextFloat() * 4 - 2);
            inputs.put(value.name(), TensorData.ofFloats(elements, sizes));
        }
        return inputs;
    }

    private static double[] elements(OnnxTensor tensor) {
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.nativeOrder());
        int width = tensor.getInfo().type.size;
        double[] elements = new double[bytes.remaining() / width];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = switch (tensor.getInfo().type) {
                case FLOAT -> bytes.getFloat(4 * i);
                case DOUBLE -> bytes.getDouble(8 * i);
                case INT64 -> bytes.getLong(8 * i);
                case INT32 -> bytes.getInt(4 * i);
                case INT16, FLOAT16, BFLOAT16 -> bytes.getShort(2 * i);
                case INT8, UINT8, BOOL -> bytes.get(i);
                default -> throw new IllegalArgumentException("no test compares " + tensor.getInfo().type);
            };
        }
        return elements;
    }
}

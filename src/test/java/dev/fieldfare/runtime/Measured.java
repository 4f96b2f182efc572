package dev.fieldfare.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What ONNX Runtime itself says of a run, in its profile and its memory statistics.
 *
 * @param order the first output of each node, in the order in which they ran
 * @param allocated bytes of the buffers that were allocated, each rounded up to 256, summed over the nodes
 * @param workspace bytes of the workspaces, summed over the nodes
 */
record Measured(List<String> order, long allocated, long workspace) {
    private static final Pattern RUN = Pattern.compile("\"name\" ?: ?\"([^\"]*)_kernel_time\"");

    static Measured of(OnnxModel model, int threads, Path folder) throws OrtException, IOException {
        Path statistics = folder.resolve("statistics.csv");
        Path optimized = folder.resolve("optimized.onnx");
        Path profile;
        Map<String, Tensor> inputs = zeros(model.graph().requiredInputs());
        Map<String, Tensor> outputs = zeros(model.graph().outputs());
        try (OrtSession.SessionOptions options =
                SessionSettings.ofThreads(threads).toOptions()) {
            options.addConfigEntry("session.collect_node_memory_stats_to_file", statistics.toString());
            options.setOptimizedModelFilePath(optimized.toString());
            options.enableProfiling(folder.resolve("profile").toString());
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(OnnxFile.bytes(model), options)) {
                session.run(onnx(inputs), Set.of(), onnx(outputs)).close();
                profile = Path.of(session.endProfiling());
            }
        }
        inputs.values().forEach(Tensor::close);
        outputs.values().forEach(Tensor::close);

        Map<String, String> firstOutputs = new HashMap<>();
        for (Node node : OnnxFile.read(optimized).graph().nodes()) {
            firstOutputs.put(node.name(), node.output(0));
        }
        List<String> order = RUN.matcher(Files.readString(profile))
                .results()
                .map(run -> firstOutputs.getOrDefault(run.group(1), run.group(1)))
                .toList();
        long allocated = 0;
        long workspace = 0;
        for (String line : Files.readAllLines(statistics)) {
            if (!line.startsWith("#")) {
                // name, bytes of inputs, of initializers, of outputs that were allocated, of workspace
                String[] fields = line.split(",");
                allocated += Long.parseLong(fields[3]);
                workspace += Long.parseLong(fields[4]);
            }
        }
        return new Measured(order, allocated, workspace);
    }

    static Map<String, Tensor> zeros(List<Value> values) {
        Map<String, Tensor> tensors = new HashMap<>();
        values.forEach(value -> tensors.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape()))));
        return tensors;
    }

    private static Map<String, OnnxTensor> onnx(Map<String, Tensor> tensors) {
        Map<String, OnnxTensor> onnx = new HashMap<>();
        tensors.forEach((name, tensor) -> onnx.put(name, tensor.onnx()));
        return onnx;
    }
}

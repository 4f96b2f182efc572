package dev.fieldfare.autodiff;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.onnx.ConstantFolding;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.ShapeInference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A small network and what PyTorch made of it in ten steps, as {@code tools/fixtures/networks.py} wrote it.
 *
 * @param model the network before training; its batch is open
 * @param pictures [batch, ...]
 * @param targets [batch, classes]
 * @param parameters everything that is trained
 * @param statistics running ones, which batch normalizations in training mode renew
 * @param losses before each step, by optimizer
 * @param gradients before the first step, by parameter
 * @param trained parameters and running statistics after all steps, by optimizer
 */
record TrainedNetwork(
        String name,
        OnnxModel model,
        TensorData pictures,
        TensorData targets,
        List<String> parameters,
        List<String> statistics,
        Map<String, double[]> losses,
        Map<String, float[]> gradients,
        Map<String, Map<String, float[]>> trained) {
    private static final Path FOLDER = Path.of("src/test/resources/dev/fieldfare/autodiff/networks");
    private static final List<String> OPTIMIZERS = List.of("momentum", "adam");
    private static final JsonNode INDEX = index();

    static Stream<TrainedNetwork> all() {
        return stream(INDEX.get("networks")).map(TrainedNetwork::read);
    }

    /** The rule that PyTorch trained by. */
    static UpdateRule rule(String optimizer) {
        return switch (optimizer) {
            case "momentum" -> new SgdMomentum(0.9f);
            case "adam" -> new Adam(0.9f, 0.999f, INDEX.get("adamEpsilon").floatValue());
            default -> throw new IllegalArgumentException(optimizer);
        };
    }

    static float learningRate(String optimizer) {
        return INDEX.get("rates").get(optimizer).floatValue();
    }

    private static TrainedNetwork read(JsonNode entry) {
        String name = entry.get("name").asText();
        OnnxModel model = OnnxFile.read(FOLDER.resolve(name + ".onnx"));
        List<String> parameters = texts(entry.get("parameters")).toList();
        List<String> statistics = texts(entry.get("statistics")).toList();
        FloatBuffer numbers = numbers(name);
        long batch = INDEX.get("batch").longValue();
        long[] sizes = Stream.concat(
                        Stream.of(batch), stream(entry.get("shape")).map(JsonNode::longValue))
                .mapToLong(Long::longValue)
                .toArray();
        TensorData pictures = TensorData.ofFloats(take(numbers, Shape.of(sizes)), sizes);
        long classes = INDEX.get("classes").longValue();
        TensorData targets = TensorData.ofFloats(take(numbers, Shape.of(batch, classes)), batch, classes);
        Map<String, float[]> gradients = take(numbers, model.graph(), parameters);
        Map<String, Map<String, float[]>> trained = new LinkedHashMap<>();
        for (String optimizer : OPTIMIZERS) {
            trained.put(optimizer, take(numbers, model.graph(), parameters));
        }
        for (String optimizer : OPTIMIZERS) {
            Objects.requireNonNull(trained.get(optimizer)).putAll(take(numbers, model.graph(), statistics));
        }
        if (numbers.hasRemaining()) {
            throw new IllegalStateException(name + ".bin has " + numbers.remaining() + " numbers too many");
        }
        Map<String, double[]> losses = new LinkedHashMap<>();
        for (String optimizer : OPTIMIZERS) {
            losses.put(
                    optimizer,
                    stream(entry.get("losses").get(optimizer))
                            .mapToDouble(JsonNode::doubleValue)
                            .toArray());
        }
        return new TrainedNetwork(name, model, pictures, targets, parameters, statistics, losses, gradients, trained);
    }

    int batch() {
        return (int) targets.shape().size(0);
    }

    /** Gradients and update of a step over so many pictures, all parameters trained. */
    TrainingGraph training(int size, Updates updates, Kernels kernels) {
        GraphBuilder builder = GraphBuilder.from(model.graph());
        builder.clearValues();
        Value input = model.graph().requiredInputs().getFirst();
        Value targetInput = Value.ofFloats("targets", size, targets.shape().size(1));
        builder.setInputs(List.of(input.withShape(pictures.shape().with(0, size)), targetInput));
        SoftmaxCrossEntropy.emit(builder, model.graph().outputs().getFirst().name(), targetInput.name(), "loss");
        builder.output(Value.ofFloats("loss"));
        Graph forward = builder.build();
        Map<String, Shape> shapes = ShapeInference.of(model.withGraph(forward));
        BatchStatistics batch = BatchStatistics.of(
                ConstantFolding.foldShapes(forward, shapes), shapes, node -> node.integer("training_mode", 0) != 0);
        return TrainingGraph.of(
                new TrainingGraph.Forward(
                        model.withGraph(batch.graph()), batch.shapes(), "loss", parameters, batch.renewed()),
                updates,
                kernels);
    }

    private static float[] take(FloatBuffer numbers, Shape shape) {
        float[] elements = new float[Math.toIntExact(shape.elements())];
        numbers.get(elements);
        return elements;
    }

    private static Map<String, float[]> take(FloatBuffer numbers, Graph graph, Iterable<String> tensors) {
        Map<String, float[]> taken = new LinkedHashMap<>();
        for (String tensor : tensors) {
            taken.put(
                    tensor,
                    take(
                            numbers,
                            Objects.requireNonNull(graph.initializers().get(tensor))
                                    .shape()));
        }
        return taken;
    }

    private static FloatBuffer numbers(String name) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(FOLDER.resolve(name + ".bin")))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode index() {
        try {
            return new ObjectMapper().readTree(FOLDER.resolve("networks.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements.stream();
    }

    private static Stream<String> texts(JsonNode array) {
        return stream(array).map(JsonNode::asText);
    }

    @Override
    public String toString() {
        return name;
    }
}

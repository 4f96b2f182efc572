package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.GraphText;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingGraphTest {
    private static final Map<String, Attribute> TRANS_B = Map.of("transB", Attribute.of(1));

    /** Softmax regression, as {@code tools/fixtures/softmax_regression.py} trained it with PyTorch. */
    static Stream<JsonNode> pytorchRuns() throws Exception {
        List<JsonNode> runs = new ArrayList<>();
        fixture().get("runs").forEach(runs::add);
        return runs.stream();
    }

    @ParameterizedTest
    @MethodSource("pytorchRuns")
    void trainsAsPyTorchDoes(JsonNode run) throws Exception {
        JsonNode fixture = fixture();
        int n = fixture.get("batchSize").intValue();
        int features = fixture.get("featureCount").intValue();
        int classes = fixture.get("classes").intValue();
        int batches = fixture.get("batches").intValue();
        GraphBuilder builder = new GraphBuilder("softmax regression");
        String x = builder.input(Value.ofFloats("features", n, features));
        String targets = builder.input(Value.ofFloats("targets", n, classes));
        String weight = builder.input(Value.ofFloats("weight", classes, features));
        String bias = builder.input(Value.ofFloats("bias", classes));
        String logits = builder.apply("Gemm", List.of(x, weight, bias), TRANS_B);
        String entropy = SoftmaxCrossEntropy.emit(builder, logits, targets, "entropy");
        String penalty =
                WeightPenalty.l2(builder, List.of(weight), fixture.get("l2").floatValue());
        builder.apply("loss", "Add", List.of(entropy, penalty), Map.of());
        Graph forward = builder.build();
        UpdateRule rule = switch (run.get("optimizer").asText()) {
            case "sgd" -> new SgdMomentum(0);
            case "momentum" -> new SgdMomentum(0.9f);
            case "adam" -> Adam.standard();
            default -> Adam.standard().withWeightDecay(0.05f);
        };
        TrainingGraph training =
                TrainingGraph.of(forward, TestSession.shapes(forward), "loss", List.of("weight", "bias"), rule);

        double[] allFeatures = doubles(fixture.get("features"));
        double[] allTargets = targets(fixture, run.get("targets").asText());
        try (Trainer trainer = new Trainer(training)) {
            trainer.put("weight", doubles(fixture.get("weight")));
            trainer.put("bias", doubles(fixture.get("bias")));
            for (int step = 0; step < fixture.get("learningRates").size(); step++) {
                int batch = step % batches;
                trainer.put("features", slice(allFeatures, batch, n * features));
                trainer.put("targets", slice(allTargets, batch, n * classes));
                float learningRate = fixture.get("learningRates").get(step).floatValue();
                double loss = trainer.step(rule.scalars(step + 1, learningRate));
                assertEquals(run.get("losses").get(step).doubleValue(), loss, 2e-6, "loss of step " + step);
            }
            assertArrayEquals(doubles(run.get("weight")), trainer.get("weight"), 5e-6);
            assertArrayEquals(doubles(run.get("bias")), trainer.get("bias"), 5e-6);
        }
    }

    /** Smoothing, class weights and, for hard labels, PyTorch's weighted mean: all of it in the targets. */
    private static double[] targets(JsonNode fixture, String kind) {
        int n = fixture.get("batchSize").intValue();
        int classes = fixture.get("classes").intValue();
        double smoothing = fixture.get("labelSmoothing").doubleValue();
        double[] weights = doubles(fixture.get("classWeights"));
        double[] labels = doubles(fixture.get("labels"));
        double[] targets = doubles(fixture.get("softTargets"));
        for (int row = 0; row < labels.length; row++) {
            double scale = 1;
            if (kind.equals("hard")) {
                double[] batch = slice(labels, row / n, n);
                scale = n
                        / Arrays.stream(batch)
                                .map(label -> weights[(int) label])
                                .sum();
            }
            for (int c = 0; c < classes; c++) {
                double target = kind.equals("hard") ? (labels[row] == c ? 1 : 0) : targets[row * classes + c];
                targets[row * classes + c] = scale * weights[c] * (target * (1 - smoothing) + smoothing / classes);
            }
        }
        return targets;
    }

    /** The graph that a reader sees; on a difference the test prints the new text, to be looked at and kept. */
    @Test
    void aSmallHeadReadsAsText() throws Exception {
        Graph forward = twoLayers(4);
        TrainingGraph training = TrainingGraph.of(
                forward,
                TestSession.shapes(forward),
                "loss",
                List.of("weight1", "bias1", "weight2", "bias2"),
                new SgdMomentum(0.9f));
        String text = GraphText.of(training.model().graph());
        assertEquals(resource("two_layers.txt"), text, "the training graph is now\n" + text);
        assertEquals(
                List.of("features", "targets"),
                training.data().stream().map(Value::name).toList());
        assertEquals(List.of("learningRate"), training.scalars());
    }

    /** Every step in place equals the same step from copies, which no update can overwrite too early. */
    @ParameterizedTest
    @MethodSource("rules")
    void updatesInPlaceEqualUpdatesOfCopies(UpdateRule rule) throws Exception {
        Graph forward = manyReaders();
        TrainingGraph training =
                TrainingGraph.of(forward, TestSession.shapes(forward), "loss", List.of("a", "b", "c"), rule);
        Seed seed = new Seed(5);
        Map<String, double[]> copies = new HashMap<>();
        for (Value value : training.model().graph().inputs()) {
            double[] elements =
                    new double[(int) Objects.requireNonNull(value.shape()).elements()];
            if (!training.states().contains(value)) {
                Arrays.setAll(elements, i -> seed.generator(value.name(), i).nextDouble(-1, 1));
            }
            copies.put(value.name(), elements);
        }
        try (Trainer trainer = new Trainer(training);
                TestSession copying = new TestSession(training.model())) {
            copies.forEach(trainer::put);
            for (int step = 1; step <= 10; step++) {
                Map<String, Float> scalars = rule.scalars(step, 1);
                scalars.forEach((name, value) -> copies.put(name, new double[] {value}));
                Map<String, double[]> outputs = copying.run(copies);
                double loss = trainer.step(scalars);
                assertEquals(Objects.requireNonNull(outputs.get("loss"))[0], loss, 1e-6, "step " + step + ", " + seed);
                training.pinned().forEach((updated, tensor) -> {
                    double[] expected = Objects.requireNonNull(outputs.get(updated));
                    assertArrayEquals(expected, trainer.get(tensor), 1e-6, tensor + ", " + seed);
                    copies.put(tensor, expected);
                });
            }
        }
    }

    static Stream<UpdateRule> rules() {
        return Stream.of(
                new SgdMomentum(0), new SgdMomentum(0.9f), Adam.standard().withWeightDecay(0.1f));
    }

    @Test
    void readersThatTheGradientNeedsAreNotWaitedForTwice() throws Exception {
        Graph forward = twoLayers(4);
        Map<String, Shape> shapes = TestSession.shapes(forward);
        Graph one = TrainingGraph.of(forward, shapes, "loss", List.of("weight2", "bias2"), new SgdMomentum(0))
                .model()
                .graph();
        Graph both = TrainingGraph.of(forward, shapes, "loss", List.of("weight1", "weight2"), new SgdMomentum(0))
                .model()
                .graph();
        assertEquals(0, waits(one), GraphText.of(one));
        // The product that carries the gradient through weight2 to weight1 must run before weight2 changes.
        assertEquals(1, waits(both), GraphText.of(both));
    }

    private static long waits(Graph graph) {
        return graph.nodes().stream().filter(node -> node.is("Where")).count();
    }

    @Test
    void anUpdateThatCouldComeTooEarlyOrIsNotElementwiseIsABug() {
        GraphBuilder early = new GraphBuilder("early");
        String w = early.input(Value.ofFloats("w", 3));
        early.apply("w.updated", "Sub", List.of(w, early.constant(1f)), Map.of());
        // The reader sees w through a transposition that the runtime may fuse into it.
        String turned = early.apply("Transpose", List.of(w));
        early.apply("reader", "Mul", List.of(early.input(Value.ofFloats("x", 3)), turned), Map.of());
        String message = String.valueOf(
                assertThrows(IllegalStateException.class, () -> InPlace.require(early.build(), "w", "w.updated"))
                        .getMessage());
        assertTrue(message.contains("may read 'w' after"), message);

        GraphBuilder whole = new GraphBuilder("whole");
        whole.apply("w.updated", "Softmax", List.of(whole.input(Value.ofFloats("w", 3))), Map.of());
        assertThrows(IllegalStateException.class, () -> InPlace.require(whole.build(), "w", "w.updated"));
    }

    @Test
    void whatIsNoParameterIsRefusedByName() throws Exception {
        Graph forward = twoLayers(4);
        Map<String, Shape> shapes = TestSession.shapes(forward);
        String message = assertThrows(
                        FieldfareException.class,
                        () -> TrainingGraph.of(forward, shapes, "loss", List.of("weight3"), Adam.standard()))
                .getMessage();
        assertTrue(message.contains("'weight3'") && message.contains("weight2"), message);
    }

    /** Linear, rectifier, linear; the second layer's parameters are constants, as in a model file. */
    private static Graph twoLayers(int n) {
        GraphBuilder builder = new GraphBuilder("two layers");
        String x = builder.input(Value.ofFloats("features", n, 3));
        String targets = builder.input(Value.ofFloats("targets", n, 2));
        List<String> first =
                List.of(x, builder.input(Value.ofFloats("weight1", 5, 3)), builder.input(Value.ofFloats("bias1", 5)));
        String hidden = builder.apply("hidden", "Relu", List.of(builder.apply("Gemm", first, TRANS_B)), Map.of());
        List<String> second = List.of(
                hidden,
                builder.initializer("weight2", TensorData.ofFloats(new float[10], 2, 5)),
                builder.initializer("bias2", TensorData.ofFloats(new float[2], 2)));
        builder.apply("logits", "Gemm", second, TRANS_B);
        builder.output(Value.ofFloats("logits", n, 2));
        SoftmaxCrossEntropy.emit(builder, "logits", targets, "loss");
        return builder.build();
    }

    /** Weights that are read along every way on which an update could come too early. */
    private static Graph manyReaders() {
        GraphBuilder builder = new GraphBuilder("many readers");
        String x = builder.input(Value.ofFloats("x", 64, 96));
        String a = builder.input(Value.ofFloats("a", 96, 96));
        String b = builder.input(Value.ofFloats("b", 96, 96));
        String c = builder.input(Value.ofFloats("c", 96));
        // b is read turned and scaled, which the runtime fuses; c flattened, which shares its buffer; both also late.
        String turned = builder.apply("Transpose", List.of(b));
        String half =
                builder.apply("Constant", List.of(), Map.of("value", new Attribute.Tensor(TensorData.ofScalar(0.5f))));
        String scaled = builder.apply("Mul", List.of(turned, half));
        String hidden = builder.apply("Tanh", List.of(builder.apply("MatMul", List.of(x, a))));
        String wide = builder.apply("MatMul", List.of(hidden, scaled));
        String row = builder.apply("Reshape", List.of(c, builder.constant(1L, -1L)));
        String gated = builder.apply("Sigmoid", List.of(builder.apply("Mul", List.of(wide, row))));
        String mean = builder.apply("ReduceMean", List.of(gated), Map.of("keepdims", Attribute.of(0)));
        String penalty = WeightPenalty.l2(builder, List.of(a, b, c), 0.01f);
        builder.apply("loss", "Add", List.of(mean, penalty), Map.of());
        // Outputs that no gradient needs: their readers are late by themselves.
        builder.apply("norm", "ReduceL1", List.of(b), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("norm"));
        builder.apply("product", "MatMul", List.of(wide, b), Map.of());
        builder.output(Value.ofFloats("product", 64, 96));
        return builder.build();
    }

    /** Steps a training graph with its parameters and states where they lie. */
    private static final class Trainer implements AutoCloseable {
        private final TrainingGraph training;
        private final TestSession session;
        private final Map<String, OnnxTensor> inputs = new HashMap<>();
        private final Map<String, OnnxTensor> pinned = new HashMap<>();

        Trainer(TrainingGraph training) throws Exception {
            this.training = training;
            session = new TestSession(training.model());
            for (Value value : training.model().graph().inputs()) {
                Shape shape = Objects.requireNonNull(value.shape());
                inputs.put(value.name(), session.floats(new double[(int) shape.elements()], shape));
            }
            training.pinned().forEach((updated, tensor) -> pinned.put(updated, tensor(tensor)));
        }

        private OnnxTensor tensor(String name) {
            return Objects.requireNonNull(inputs.get(name), name);
        }

        void put(String name, double[] elements) {
            var buffer = tensor(name)
                    .getBufferRef()
                    .map(java.nio.FloatBuffer.class::cast)
                    .orElseThrow();
            for (int i = 0; i < elements.length; i++) {
                buffer.put(i, (float) elements[i]);
            }
        }

        double[] get(String name) {
            return TestSession.elements(tensor(name));
        }

        double step(Map<String, Float> scalars) throws Exception {
            assertEquals(training.scalars(), scalars.keySet().stream().sorted().toList());
            scalars.forEach((name, value) -> put(name, new double[] {value}));
            return Objects.requireNonNull(session.step(inputs, pinned).get(training.loss()))[0];
        }

        @Override
        public void close() throws Exception {
            inputs.values().forEach(OnnxTensor::close);
            session.close();
        }
    }

    private static JsonNode fixture() throws Exception {
        return new ObjectMapper().readTree(resource("softmax_regression.json"));
    }

    private static String resource(String name) throws Exception {
        try (InputStream stream = Objects.requireNonNull(TrainingGraphTest.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static double[] doubles(JsonNode array) {
        double[] doubles = new double[array.size()];
        Arrays.setAll(doubles, i -> array.get(i).doubleValue());
        return doubles;
    }

    private static double[] slice(double[] elements, int index, int length) {
        return Arrays.copyOfRange(elements, index * length, (index + 1) * length);
    }
}

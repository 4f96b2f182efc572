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
import dev.fieldfare.onnx.OnnxModel;
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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        SoftmaxCrossEntropy.emit(builder, logits, targets, "loss");
        float l2 = fixture.get("l2").floatValue();
        UpdateRule rule = switch (run.get("optimizer").asText()) {
            case "sgd" -> new SgdMomentum(0);
            case "momentum" -> new SgdMomentum(0.9f);
            case "adam" -> Adam.standard();
            default -> new DecoupledDecay(Adam.standard(), 0.05f, Set.of(weight, bias));
        };
        WeightPenalty penalty = new WeightPenalty(l2, 0, Set.of(weight));
        TrainingGraph training = TrainingGraph.of(
                forward(builder.build(), weight, bias), new Updates(rule, false, 1, List.of(penalty), 0, Map.of()));

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
                double size =
                        Arrays.stream(trainer.get("weight")).map(w -> w * w).sum();
                double loss = trainer.step(step + 1, learningRate) + l2 / 2 * size;
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

    /** The graphs that a reader sees; on a difference the test prints the new text, to be looked at and kept. */
    @Test
    void aSmallHeadReadsAsText() throws Exception {
        TrainingGraph training = TrainingGraph.of(
                forward(twoLayers(4), "weight1", "bias1", "weight2", "bias2"), Updates.of(new SgdMomentum(0.9f)));
        String text = GraphText.of(training.gradients().graph())
                + "\n"
                + GraphText.of(training.update().graph());
        assertEquals(resource("two_layers.txt"), text, "the training graphs are now\n" + text);
        assertEquals(
                List.of("features", "targets"),
                training.data().stream().map(Value::name).toList());
        assertEquals(List.of("learningRate"), training.scalars());
    }

    /** Every step in place equals the same step from copies, which no update can overwrite too early. */
    @ParameterizedTest
    @MethodSource("updates")
    void updatesInPlaceEqualUpdatesOfCopies(Updates updates) throws Exception {
        TrainingGraph training = TrainingGraph.of(forward(manyReaders(), "a", "b", "c"), updates);
        Map<String, double[]> copies = new HashMap<>();
        try (Trainer trainer = new Trainer(training);
                TestSession gradients = new TestSession(training.gradients());
                TestSession update = new TestSession(training.update())) {
            for (String tensor : List.of("x", "a", "b", "c")) {
                trainer.put(tensor, random(tensor, trainer.get(tensor).length));
            }
            trainer.inputs.keySet().forEach(tensor -> copies.put(tensor, trainer.get(tensor)));
            for (int step = 1; step <= 10; step++) {
                training.gradientTensors()
                        .forEach(tensor -> Arrays.fill(Objects.requireNonNull(copies.get(tensor.name())), 0));
                for (int microBatch = 0; microBatch < 2; microBatch++) {
                    Map<String, double[]> outputs = gradients.run(given(training.gradients(), copies));
                    training.pinnedGradients()
                            .forEach((output, tensor) ->
                                    copies.put(tensor, Objects.requireNonNull(outputs.get(output))));
                    double loss = trainer.run(microBatch == 0);
                    assertEquals(Objects.requireNonNull(outputs.get("loss"))[0], loss, 1e-6, "step " + step);
                }
                trainer.update(step, 1);
                trainer.scalars(step, 1).forEach((name, value) -> copies.put(name, new double[] {value}));
                Map<String, double[]> outputs = update.run(given(training.update(), copies));
                training.pinnedUpdates().forEach((updated, tensor) -> {
                    double[] expected = Objects.requireNonNull(outputs.get(updated));
                    assertArrayEquals(expected, trainer.get(tensor), 1e-6, tensor);
                    copies.put(tensor, expected);
                });
            }
        }
    }

    private static Map<String, double[]> given(OnnxModel model, Map<String, double[]> tensors) {
        Map<String, double[]> given = new HashMap<>();
        model.graph()
                .inputs()
                .forEach(value -> given.put(value.name(), Objects.requireNonNull(tensors.get(value.name()))));
        return given;
    }

    static Stream<Updates> updates() {
        return Stream.of(
                Updates.of(new SgdMomentum(0)),
                Updates.of(new SgdMomentum(0.9f)).accumulating(1),
                new Updates(
                        new SgdMomentum(0.9f),
                        true,
                        1,
                        List.of(new WeightPenalty(0.1f, 0.1f, Set.of("a", "c"))),
                        0.5f,
                        Map.of()),
                Updates.of(new DecoupledDecay(Adam.standard(), 0.1f, Set.of("a", "c"))),
                Updates.of(new MovingAverage(
                        new MaxNorm(
                                new DecoupledDecay(new SgdMomentum(0.9f), 0.1f, Set.of("a", "c")),
                                0.3f,
                                Map.of("a", List.of(0L))),
                        0.9f)));
    }

    /** A batch in micro-batches, of which each counts as much as it has pictures, is the batch. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6})
    void microBatchesAddUpToTheBatch(int size) throws Exception {
        int batch = 12;
        String[] parameters = {"weight1", "bias1", "weight2", "bias2"};
        Updates updates = Updates.of(new SgdMomentum(0.9f));
        double[] features = random("features", batch * 3);
        double[] targets = random("targets", batch * 2);
        try (Trainer whole = new Trainer(TrainingGraph.of(forward(twoLayers(batch), parameters), updates));
                Trainer parts =
                        new Trainer(TrainingGraph.of(forward(twoLayers(size), parameters), updates.accumulating(1)))) {
            for (String parameter : parameters) {
                double[] start = random(parameter, whole.get(parameter).length);
                whole.put(parameter, start);
                parts.put(parameter, start);
            }
            for (int step = 1; step <= 5; step++) {
                whole.put("features", features);
                whole.put("targets", targets);
                double loss = whole.step(step, 0.1f);
                double sum = 0;
                for (int i = 0; i < batch / size; i++) {
                    parts.put("features", slice(features, i, size * 3));
                    // The graph takes the mean over its own rows.
                    double[] share = slice(targets, i, size * 2);
                    parts.put(
                            "targets",
                            Arrays.stream(share).map(t -> t * size / batch).toArray());
                    sum += parts.run(i == 0);
                }
                parts.update(step, 0.1f);
                assertEquals(loss, sum, 1e-6);
                for (String parameter : parameters) {
                    assertArrayEquals(whole.get(parameter), parts.get(parameter), 1e-6, parameter);
                }
            }
        }
    }

    /** Two workers, two parameters of nearly the same size, and small ones. */
    @Test
    void sharesOfTheUpdateTogetherDoWhatTheWholeDoes() throws Exception {
        GraphBuilder builder = new GraphBuilder("large");
        String x = builder.input(Value.ofFloats("x", 2, 200));
        String hidden = builder.apply(
                "Gemm",
                List.of(x, builder.input(Value.ofFloats("a", 190, 200)), builder.input(Value.ofFloats("b", 190))),
                TRANS_B);
        String y = builder.apply(
                "Gemm",
                List.of(hidden, builder.input(Value.ofFloats("c", 200, 190)), builder.input(Value.ofFloats("d", 200))),
                TRANS_B);
        builder.apply("loss", "ReduceMean", List.of(y), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("loss"));
        TrainingGraph.Forward forward = forward(builder.build(), "a", "b", "c", "d");
        WeightPenalty penalty = new WeightPenalty(0.1f, 0, Set.of("c"));
        Updates updates = new Updates(Adam.standard(), true, 2, List.of(penalty), 0, Map.of("a", "deep", "b", "deep"));
        TrainingGraph training = TrainingGraph.of(forward, updates);
        Map<String, double[]> given = new HashMap<>();
        for (Value value : training.update().graph().inputs()) {
            long elements = Objects.requireNonNull(value.shape()).elements();
            double[] random = random(value.name(), (int) elements);
            given.put(value.name(), Arrays.stream(random).map(Math::abs).toArray());
        }
        Map<String, double[]> whole;
        try (TestSession session = new TestSession(training.update())) {
            whole = session.run(given(training.update(), given));
        }
        List<OnnxModel> shares = training.updateShares(2);
        assertEquals(2, shares.size());
        Map<String, double[]> together = new HashMap<>();
        for (OnnxModel share : shares) {
            try (TestSession session = new TestSession(share)) {
                Map<String, double[]> outputs = session.run(given(share, given));
                assertTrue(outputs.keySet().contains("a.updated")
                        ^ outputs.keySet().contains("c.updated"));
                together.putAll(outputs);
            }
        }
        assertEquals(whole.keySet(), together.keySet());
        whole.forEach((name, expected) -> assertArrayEquals(expected, together.get(name), 0, name));
        assertEquals(List.of(training.update()), training.updateShares(1));
        TrainingGraph clipped = TrainingGraph.of(
                forward, new Updates(updates.rule(), true, 2, updates.penalties(), 1, updates.groups()));
        assertEquals(1, clipped.updateShares(2).size(), "clipping needs all gradients");
        TrainingGraph small = TrainingGraph.of(forward(twoLayers(4), "weight1", "weight2"), updates);
        assertEquals(1, small.updateShares(2).size(), "not worth a second thread");
    }

    /** PyTorch's clip_grad_norm_, written out: one factor for all gradients, only where they are too long together. */
    @ParameterizedTest
    @ValueSource(floats = {1e-3f, 0.05f, 1e3f})
    void clippingScalesAllGradientsByOneFactor(float clipNorm) throws Exception {
        Updates plain = Updates.of(new SgdMomentum(0));
        Updates clipped = new Updates(plain.rule(), false, 1, List.of(), clipNorm, Map.of());
        TrainingGraph.Forward forward = forward(twoLayers(4), "weight1", "bias1", "weight2", "bias2");
        try (Trainer free = new Trainer(TrainingGraph.of(forward, plain));
                Trainer held = new Trainer(TrainingGraph.of(forward, clipped))) {
            for (Trainer trainer : List.of(free, held)) {
                for (String tensor : List.of("features", "targets", "weight1", "bias1", "weight2", "bias2")) {
                    trainer.put(tensor, random(tensor, trainer.get(tensor).length));
                }
            }
            Map<String, double[]> start = new HashMap<>();
            forward.parameters().forEach(parameter -> start.put(parameter, free.get(parameter)));
            free.step(1, 1);
            held.step(1, 1);
            double squares = 0;
            for (String parameter : forward.parameters()) {
                for (double g : free.get(UpdateRule.gradient(parameter))) {
                    squares += g * g;
                }
            }
            double factor = Math.min(1, clipNorm / (Math.sqrt(squares) + 1e-6));
            for (String parameter : forward.parameters()) {
                double[] from = Objects.requireNonNull(start.get(parameter));
                double[] moved = free.get(parameter);
                double[] expected = new double[from.length];
                Arrays.setAll(expected, i -> from[i] + factor * (moved[i] - from[i]));
                assertArrayEquals(expected, held.get(parameter), 1e-6, parameter + " clipped by " + factor);
            }
        }
    }

    @Test
    void eachGroupHasItsOwnLearningRate() throws Exception {
        Updates updates =
                new Updates(new SgdMomentum(0), false, 1, List.of(), 0, Map.of("weight2", "head", "bias2", "head"));
        TrainingGraph training =
                TrainingGraph.of(forward(twoLayers(4), "weight1", "bias1", "weight2", "bias2"), updates);
        assertEquals(List.of("head.learningRate", "learningRate"), training.scalars());
        try (Trainer trainer = new Trainer(training)) {
            for (String tensor : List.of("features", "targets", "weight1", "bias1", "weight2", "bias2")) {
                trainer.put(tensor, random(tensor, trainer.get(tensor).length));
            }
            for (String parameter : List.of("weight1", "weight2")) {
                double[] from = trainer.get(parameter);
                trainer.run(true);
                trainer.update(updates.scalars(1, Map.of("", 0.5f, "head", 2f)));
                double[] gradient = trainer.get(UpdateRule.gradient(parameter));
                double rate = parameter.equals("weight2") ? 2 : 0.5;
                double[] expected = new double[from.length];
                Arrays.setAll(expected, i -> from[i] - rate * gradient[i]);
                assertArrayEquals(expected, trainer.get(parameter), 1e-6, parameter);
            }
        }
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
        TrainingGraph.Forward forward = forward(twoLayers(4), "weight3");
        String message = assertThrows(
                        FieldfareException.class, () -> TrainingGraph.of(forward, Updates.of(Adam.standard())))
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
        builder.apply("loss", "Identity", List.of(mean), Map.of());
        // Outputs that no gradient needs: their readers are late by themselves.
        builder.apply("norm", "ReduceL1", List.of(b), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats("norm"));
        builder.apply("product", "MatMul", List.of(wide, b), Map.of());
        builder.output(Value.ofFloats("product", 64, 96));
        return builder.build();
    }

    /** Steps a training graph with all its tensors where they lie. */
    private static final class Trainer implements AutoCloseable {
        private final TrainingGraph training;
        private final TestSession gradients;
        private final TestSession update;
        final Map<String, OnnxTensor> inputs = new HashMap<>();

        Trainer(TrainingGraph training) throws Exception {
            this.training = training;
            gradients = new TestSession(training.gradients());
            update = new TestSession(training.update());
            List<Value> all = new ArrayList<>(training.gradients().graph().inputs());
            all.addAll(training.update().graph().inputs());
            for (Value value : all) {
                if (!inputs.containsKey(value.name())) {
                    Shape shape = Objects.requireNonNull(value.shape());
                    inputs.put(value.name(), gradients.floats(new double[(int) shape.elements()], shape));
                }
            }
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

        double step(long step, float learningRate) throws Exception {
            double loss = run(true);
            update(step, learningRate);
            return loss;
        }

        /** Forward and backward over a micro-batch; returns its loss. */
        double run(boolean first) throws Exception {
            if (first) {
                training.gradientTensors().forEach(tensor -> put(tensor.name(), new double[get(tensor.name()).length]));
            }
            return Objects.requireNonNull(gradients
                    .step(given(training.gradients()), pinned(training.pinnedGradients()))
                    .get(training.loss()))[0];
        }

        Map<String, Float> scalars(long step, float learningRate) {
            return training.updates().scalars(step, Map.of("", learningRate));
        }

        void update(long step, float learningRate) throws Exception {
            update(scalars(step, learningRate));
        }

        void update(Map<String, Float> scalars) throws Exception {
            assertEquals(training.scalars(), scalars.keySet().stream().sorted().toList());
            scalars.forEach((name, value) -> put(name, new double[] {value}));
            update.step(given(training.update()), pinned(training.pinnedUpdates()));
        }

        private Map<String, OnnxTensor> given(OnnxModel model) {
            Map<String, OnnxTensor> given = new HashMap<>();
            model.graph().inputs().forEach(value -> given.put(value.name(), tensor(value.name())));
            return given;
        }

        private Map<String, OnnxTensor> pinned(Map<String, String> outputs) {
            Map<String, OnnxTensor> pinned = new HashMap<>();
            outputs.forEach((output, tensor) -> pinned.put(output, tensor(tensor)));
            return pinned;
        }

        @Override
        public void close() throws Exception {
            inputs.values().forEach(OnnxTensor::close);
            gradients.close();
            update.close();
        }
    }

    private static TrainingGraph.Forward forward(Graph graph, String... parameters) throws Exception {
        return new TrainingGraph.Forward(
                OnnxModel.of(Differentiation.OPERATOR_SET, graph),
                TestSession.shapes(graph),
                "loss",
                List.of(parameters));
    }

    private static double[] random(String purpose, int count) {
        var random = new Seed(5).generator(purpose);
        double[] elements = new double[count];
        // Rounded, so that the double here and the float in the tensor are the same number.
        Arrays.setAll(elements, i -> (float) random.nextDouble(-1, 1));
        return elements;
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

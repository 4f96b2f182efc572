package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of a small convolutional head with a residual, whatever the portions. */
class StepRunnerTest {
    private static final String NETWORK = "a conv3:4 x; b relu a; c conv3:4 b; s conv1:4 b; d add c s; r relu d;"
            + " g conv3:5 r; h relu g; e gap h; f flatten e";
    /** With two branches that stochastic depth can leave out. */
    private static final String RESIDUAL = "a conv3:4 x; b relu a; c conv3:4 b; d add c b; r relu d; g conv3:4 r;"
            + " i add g r; h relu i; e gap h; f flatten e";

    private static final String ALL_NOISE =
            "noise: {dropout: 0.3, dropoutBefore: [all], dropConnect: 0.2, dropConnectOn:"
                    + " [all], stochasticDepth: 0.5}";
    private static final int CLASSES = 3;
    private static final int PICTURES = 12;
    private static final int ELEMENTS = 3 * TextNetwork.SIDE * TextNetwork.SIDE;
    private static final float[][] ROWS = rows();
    private static final Inputs INPUTS = (picture, view, epoch, into) -> into.put(ROWS[picture]);
    private static final String SGD = """
        optimizer: {name: sgd, momentum: 0.9, learningRate: 0.1}
        regularization: {l2: 0.01, l1: 0, labelSmoothing: 0, classWeights: none}
        """;

    private static float[][] rows() {
        RandomGenerator random = new Seed(6).generator("pictures");
        float[][] rows = new float[PICTURES][ELEMENTS];
        for (float[] row : rows) {
            for (int i = 0; i < ELEMENTS; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return rows;
    }

    private static TrainingSettings settings(String... over) {
        TrainingSettings settings = StrictYaml.parse(SGD, TrainingSettings.DEFAULT, "sgd");
        for (String yaml : over) {
            settings = StrictYaml.parse(yaml, settings, yaml);
        }
        return settings;
    }

    private static Depths depths(String network, boolean fold) {
        OnnxModel model = TextNetwork.of(network);
        return new Depths(new Trunk(model, "x", "f", "Gemm node"), ShapeInference.of(model), fold);
    }

    private static Suffix suffix(String train) {
        return suffix(NETWORK, train);
    }

    private static Suffix suffix(String network, String train) {
        return TrainSpec.parse(train).suffix(depths(network, true));
    }

    /** Pictures from the first on, of which every third is of one class. */
    private static Batch batch(int first, int size) {
        float[][] targets = new float[size][CLASSES];
        int[] pictures = IntStream.range(first, first + size).toArray();
        for (int i = 0; i < size; i++) {
            targets[i][pictures[i] % CLASSES] = 1;
        }
        return new Batch(pictures, new int[size], targets, 1, first);
    }

    /** A runner of one head, with the settings that it was made by. */
    private record Run(HeadGraph graph, StepRunner runner) implements AutoCloseable {
        static Run of(Suffix suffix, Portions portions, TrainingSettings settings) {
            HeadGraph graph =
                    new HeadGraph(suffix, portions, CLASSES, FeatureScaling.identity(suffix.width()), settings);
            StepRunner runner = new StepRunner(graph, INPUTS);
            Run run = new Run(graph, runner);
            run.start();
            return run;
        }

        /** A last layer of zeros would send no gradient down in the first step. */
        void start() {
            RandomGenerator random = new Seed(2).generator("head");
            FloatBuffer head = FloatBuffer.allocate(CLASSES * graph.suffix().width());
            while (head.hasRemaining()) {
                head.put((float) random.nextGaussian());
            }
            Map<String, FloatBuffer> values = new LinkedHashMap<>(graph.suffix().weights());
            values.put(HeadGraph.WEIGHT, head.flip());
            runner.start(values);
        }

        StepRunner.Outcome step(long step, Batch batch, double rate) {
            Map<String, Float> rates = Map.of("", (float) rate, HeadGraph.SUFFIX, (float) rate / 2);
            Map<String, Float> scalars =
                    new LinkedHashMap<>(graph.training().updates().scalars(step, rates));
            scalars.keySet().retainAll(graph.training().scalars());
            return runner.step(batch, scalars, new Seed(8));
        }

        Map<String, float[]> parameters() {
            return arrays(runner.parameters());
        }

        Map<String, float[]> used() {
            return arrays(runner.used());
        }

        private static Map<String, float[]> arrays(Map<String, Tensor> tensors) {
            Map<String, float[]> arrays = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> arrays.put(name, tensor.toArray()));
            return arrays;
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    /** Four steps, of which the last two are not full. */
    private static List<StepRunner.Outcome> fourSteps(Run run) {
        List<StepRunner.Outcome> outcomes = new ArrayList<>();
        outcomes.add(run.step(1, batch(0, 12), 0.1));
        outcomes.add(run.step(2, batch(0, 12), 0.1));
        outcomes.add(run.step(3, batch(5, 7), 0.1));
        outcomes.add(run.step(4, batch(3, 1), 0.1));
        return outcomes;
    }

    /** However a batch is cut up, its gradient is the sum over its pictures. */
    @ParameterizedTest(name = "{0} at a time, {1} workers, {2} threads")
    @CsvSource({
        "1, 1, 1",
        "3, 1, 1",
        "4, 1, 2",
        "5, 1, 1",
        "1, 2, 1",
        "3, 2, 1",
        "6, 2, 1",
        "12, 2, 1",
        "1, 3, 1",
        "4, 3, 1",
        "5, 3, 1"
    })
    void portionsDoNotMatter(int microBatch, int workers, int threads) {
        Portions portions = new Portions(PICTURES, microBatch, workers, threads);
        for (TrainingSettings settings :
                List.of(settings(), settings("optimizer: {clipNorm: 0.2}"), settings(ALL_NOISE))) {
            Suffix suffix = suffix(settings.noise().dropout() > 0 ? RESIDUAL : NETWORK, "all");
            try (Run whole = Run.of(suffix, Portions.whole(PICTURES), settings);
                    Run parts = Run.of(suffix, portions, settings)) {
                Map<String, float[]> start = whole.parameters();
                List<StepRunner.Outcome> expected = fourSteps(whole);
                List<StepRunner.Outcome> actual = fourSteps(parts);
                for (int i = 0; i < expected.size(); i++) {
                    assertEquals(expected.get(i).loss(), actual.get(i).loss(), 1e-4, "loss of step " + (i + 1));
                    for (int row = 0; row < expected.get(i).logits().length; row++) {
                        assertArrayEquals(
                                expected.get(i).logits()[row], actual.get(i).logits()[row], 1e-4f);
                    }
                }
                whole.parameters().forEach((name, values) -> {
                    assertArrayEquals(values, parts.parameters().get(name), 2e-5f, name);
                    assertTrue(largestDifference(start.get(name), values) > 1e-4, name + " has not moved");
                });
                float[][] looked = whole.runner().look(batch(2, 5));
                float[][] lookedInParts = parts.runner().look(batch(2, 5));
                for (int i = 0; i < looked.length; i++) {
                    assertArrayEquals(looked[i], lookedInParts[i], 1e-4f);
                }
            }
        }
    }

    private static double largestDifference(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    /** The sums are made in one order, whichever worker is first. */
    @ParameterizedTest
    @CsvSource({"all, frozen", "all, batch"})
    void severalWorkersGiveTheSameBits(String train, String normalization) {
        TrainingSettings settings = settings("noise: {dropout: 0.4}", "suffix: {normalization: " + normalization + "}");
        Suffix suffix = TrainSpec.parse(train)
                .suffix(depths(
                        "a conv3:4 x; n normalize a; b relu n; c conv3:4 b; m normalize c; e gap m;" + " f flatten e",
                        false));
        Map<String, float[]> first = Map.of();
        for (int i = 0; i < 3; i++) {
            try (Run run = Run.of(suffix, new Portions(PICTURES, 2, 3, 1), settings)) {
                fourSteps(run);
                Map<String, float[]> used = run.used();
                if (i > 0) {
                    first.forEach((name, values) -> assertArrayEquals(values, used.get(name), name));
                }
                first = used;
            }
        }
    }

    /**
     * After Srivastava et al.: after the same step, each unit's incoming weights are as long as without the limit or as
     * the limit, whichever is shorter, and point where they pointed. Biases go free.
     */
    @Test
    void maxNormShortensTheWeightsOfEveryUnit() {
        float limit = 1.1f;
        try (Run free = Run.of(suffix("all"), new Portions(PICTURES, 4, 2, 1), settings());
                Run limited = Run.of(
                        suffix("all"),
                        new Portions(PICTURES, 4, 2, 1),
                        settings("regularization: {maxNorm: " + limit + "}"))) {
            free.step(1, batch(0, 12), 0.1);
            limited.step(1, batch(0, 12), 0.1);
            int shortened = 0;
            int left = 0;
            for (Map.Entry<String, float[]> each : free.parameters().entrySet()) {
                float[] expected = each.getValue();
                String name = each.getKey();
                Map<String, Integer> units =
                        Map.of("a.weight", 4, "c.weight", 4, "s.weight", 4, "g.weight", 5, HeadGraph.WEIGHT, 3);
                int count = name.endsWith("weight") ? expected.length / units.get(name) : expected.length;
                for (int start = 0; name.endsWith("weight") && start < expected.length; start += count) {
                    double squares = 0;
                    for (int i = start; i < start + count; i++) {
                        squares += (double) expected[i] * expected[i];
                    }
                    double scale = Math.min(1, limit / Math.sqrt(squares));
                    for (int i = start; i < start + count; i++) {
                        expected[i] = (float) (expected[i] * scale);
                    }
                    shortened += scale < 1 ? 1 : 0;
                    left += scale < 1 ? 0 : 1;
                }
                assertArrayEquals(expected, limited.parameters().get(name), 1e-6f, name);
            }
            assertTrue(shortened > 2 && left > 2, shortened + " units are too long, " + left + " are not");
        }
    }

    /** After Loshchilov and Hutter: the same step, and the learning rate's share of the decay of each weight is gone. */
    @ParameterizedTest
    @CsvSource({"sgd", "adam"})
    void decoupledDecayIsTakenFromTheWeightsThemselves(String optimizer) {
        String name = "optimizer: {name: " + optimizer + "}";
        try (Run free = Run.of(suffix("all"), Portions.whole(PICTURES), settings(name));
                Run decaying = Run.of(
                        suffix("all"),
                        Portions.whole(PICTURES),
                        settings(name, "regularization: {weightDecay: 0.3}"))) {
            Map<String, float[]> start = free.parameters();
            free.step(1, batch(0, 12), 0.1);
            decaying.step(1, batch(0, 12), 0.1);
            free.parameters().forEach((parameter, expected) -> {
                double rate = parameter.startsWith("head/") ? 0.1 : 0.05;
                for (int i = 0; parameter.endsWith("weight") && i < expected.length; i++) {
                    expected[i] -= (float) (rate * 0.3 * start.get(parameter)[i]);
                }
                assertArrayEquals(expected, decaying.parameters().get(parameter), 1e-6f, parameter);
            });
        }
    }

    /** One step of plain gradient descent against the loss itself, by central differences, with the same noise. */
    @ParameterizedTest
    @ValueSource(
            strings = {"{}", ALL_NOISE, "noise: {dropout: 0.5, dropoutForm: plain, dropoutBefore: [g, classifier]}"})
    void aStepGoesDownTheLoss(String noise) {
        TrainingSettings settings = settings("optimizer: {momentum: 0}", "regularization: {l2: 0}", noise);
        Suffix suffix = suffix(RESIDUAL, "all");
        try (Run run = Run.of(suffix, new Portions(PICTURES, 5, 2, 1), settings)) {
            assertEquals(noise.equals("{}"), run.graph().noise().isEmpty());
            Map<String, float[]> start = run.parameters();
            run.step(1, batch(0, 12), 1);
            Map<String, float[]> moved = run.parameters();
            run.runner()
                    .parameters()
                    .forEach((name, tensor) -> tensor.elements().put(start.get(name)));
            for (String name : List.of("a.weight", "c.bias", "g.weight", HeadGraph.WEIGHT, HeadGraph.BIAS)) {
                FloatBuffer values = run.runner().parameters().get(name).elements();
                double rate = name.startsWith("head/") ? 1 : 0.5;
                double far = largestDifference(start.get(name), moved.get(name));
                for (int i = 0; i < values.capacity(); i += 7) {
                    float at = values.get(i);
                    double slope = (loss(run, values, i, at + 0.003f) - loss(run, values, i, at - 0.003f)) / 0.006;
                    values.put(i, at);
                    assertEquals(-rate * slope, moved.get(name)[i] - at, 0.05 * far + 1e-4, name + " " + i);
                }
            }
        }
    }

    private static double loss(Run run, FloatBuffer values, int index, float value) {
        values.put(index, value);
        Batch batch = batch(0, 12);
        double loss = 0;
        // A step of no length: the same noise is drawn as in the first.
        float[][] logits = run.step(1, batch, 0).logits();
        for (int i = 0; i < logits.length; i++) {
            double sum = 0;
            for (float logit : logits[i]) {
                sum += Math.exp(logit);
            }
            loss += (Math.log(sum) - logits[i][batch.pictures()[i] % CLASSES]) / logits.length;
        }
        return loss;
    }

    /** What is not to be trained is the same to the bit; what is has moved. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        last       |
        blocks:1   | g.weight g.bias
        bias:1     | g.bias
        bias:3     | a.bias c.bias s.bias g.bias
        sparse:1/2 | c.bias s.bias g.weight g.bias
        sparse:2/3 | a.bias c.weight c.bias s.weight s.bias g.weight g.bias
        from:s     | s.weight s.bias g.weight g.bias
        all        | a.weight a.bias c.weight c.bias s.weight s.bias g.weight g.bias
        """)
    void onlyWhatIsAskedForMoves(String train, String moving) {
        Set<String> expected = moving == null ? Set.of() : Set.of(moving.split(" "));
        Suffix suffix = suffix(train);
        HeadGraph graph = new HeadGraph(
                suffix, new Portions(PICTURES, 4, 2, 1), CLASSES, FeatureScaling.identity(suffix.width()), settings());
        try (StepRunner runner = new StepRunner(graph, wide(suffix))) {
            Run run = new Run(graph, runner);
            run.start();
            fourSteps(run);
            Map<String, FloatBuffer> trained = new LinkedHashMap<>();
            run.parameters().forEach((name, values) -> trained.put(name, FloatBuffer.wrap(values)));
            trained.keySet().removeAll(List.of(HeadGraph.WEIGHT, HeadGraph.BIAS));
            Map<String, TensorData> before = suffix.stored().graph().initializers();
            Map<String, TensorData> after =
                    suffix.with(trained).stored().graph().initializers();
            assertEquals(before.keySet(), after.keySet());
            Set<String> moved = new TreeSet<>(before.keySet());
            moved.removeIf(name -> before.get(name).equals(after.get(name)));
            assertEquals(new TreeSet<>(expected), moved);
            assertTrue(largestDifference(new float[CLASSES], run.parameters().get(HeadGraph.BIAS)) > 0);
        }
    }

    /** Values at any cut. */
    private static Inputs wide(Suffix suffix) {
        int elements = (int) suffix.shape().elements();
        return (picture, view, epoch, into) -> {
            for (int i = 0; i < elements; i++) {
                into.put(Math.abs(ROWS[picture][i % ELEMENTS]));
            }
        };
    }

    /** After Tarvainen and Valpola's formula; what is used, and looked with, is the average. */
    @Test
    void theMovingAverageIsWhatIsUsed() {
        TrainingSettings settings = settings("optimizer: {averaging: 0.7}");
        Suffix suffix = suffix("blocks:3");
        try (Run run = Run.of(suffix, new Portions(PICTURES, 5, 2, 1), settings);
                Run plain = Run.of(suffix, Portions.whole(PICTURES), settings())) {
            Map<String, float[]> average = run.parameters();
            average.forEach(
                    (name, values) -> assertArrayEquals(values, run.used().get(name), "it begins there"));
            for (int step = 1; step <= 4; step++) {
                run.step(step, batch(0, 12), 0.1);
                run.parameters().forEach((name, values) -> {
                    float[] kept = average.get(name);
                    for (int i = 0; i < kept.length; i++) {
                        kept[i] = 0.7f * kept[i] + 0.3f * values[i];
                    }
                });
                average.forEach(
                        (name, values) -> assertArrayEquals(values, run.used().get(name), 1e-6f, name));
            }
            assertTrue(
                    largestDifference(average.get("a.weight"), run.parameters().get("a.weight")) > 1e-4);
            plain.runner()
                    .parameters()
                    .forEach((name, tensor) -> tensor.elements().put(average.get(name)));
            assertArrayEquals(plain.runner().look(batch(0, 3))[2], run.runner().look(batch(0, 3))[2], 1e-5f);
        }
    }

    /** Begun anew, nothing of what was before is left. */
    @Test
    void startingAnewForgetsEverything() {
        TrainingSettings settings = settings("optimizer: {averaging: 0.7}");
        try (Run run = Run.of(suffix("all"), new Portions(PICTURES, 5, 2, 1), settings)) {
            fourSteps(run);
            Map<String, float[]> once = run.used();
            run.start();
            fourSteps(run);
            once.forEach((name, values) -> assertArrayEquals(values, run.used().get(name), name));
        }
    }

    /**
     * Running statistics follow {@code running = momentum running + (1 - momentum) batch}, with the variance of the
     * population (ONNX, BatchNormalization); several workers have one each, of which the mean is used.
     */
    @ParameterizedTest
    @CsvSource({"12, 1", "6, 2", "4, 3"})
    void runningStatisticsFollowTheBatches(int microBatch, int workers) {
        Suffix suffix = depths("a conv3:4 x; n normalize a; b relu n; e gap b; f flatten e", false)
                .all();
        TrainingSettings settings = settings("suffix: {normalization: batch}", "optimizer: {momentum: 0}");
        float momentum = 0.8f; // as the network has it
        int channels = 4;
        double[][] mean = new double[workers][];
        double[][] variance = new double[workers][];
        for (int w = 0; w < workers; w++) {
            mean[w] = doubles(suffix.weights().get("n.mean"));
            variance[w] = doubles(suffix.weights().get("n.variance"));
        }
        float[] values = convolved(suffix);
        try (Run run = Run.of(suffix, new Portions(PICTURES, microBatch, workers, 1), settings)) {
            for (int step = 1; step <= 3; step++) {
                run.step(step, batch(0, 12), 0); // with a rate of zero the convolution stays as it is
                for (int w = 0; w < workers; w++) {
                    for (int c = 0; c < channels; c++) {
                        double[] one = channel(values, channels, c, w * microBatch, microBatch);
                        double average = Arrays.stream(one).average().orElseThrow();
                        double spread = Arrays.stream(one)
                                .map(v -> (v - average) * (v - average))
                                .average()
                                .orElseThrow();
                        mean[w][c] = momentum * mean[w][c] + (1 - momentum) * average;
                        variance[w][c] = momentum * variance[w][c] + (1 - momentum) * spread;
                    }
                }
                for (int c = 0; c < channels; c++) {
                    int channel = c;
                    double ofAll = Arrays.stream(mean)
                            .mapToDouble(own -> own[channel])
                            .average()
                            .orElseThrow();
                    double spread = Arrays.stream(variance)
                            .mapToDouble(own -> own[channel])
                            .average()
                            .orElseThrow();
                    assertEquals(ofAll, run.used().get("n.mean")[c], 1e-5, "step " + step);
                    assertEquals(spread, run.used().get("n.variance")[c], 1e-5, "step " + step);
                }
            }
            assertFalse(run.parameters().containsKey("n.mean"));
        }
    }

    private static double[] doubles(FloatBuffer buffer) {
        return IntStream.range(0, buffer.remaining()).mapToDouble(buffer::get).toArray();
    }

    /** What the convolution before the normalization makes of all pictures: [12 x 4 x 8 x 8]. */
    private static float[] convolved(Suffix suffix) {
        OnnxModel forward = suffix.forward(PICTURES);
        GraphBuilder builder = GraphBuilder.from(forward.graph());
        builder.setOutputs(List.of(Value.ofFloats("a", PICTURES, 4, TextNetwork.SIDE, TextNetwork.SIDE)));
        builder.prune();
        try (Session session = Session.open("conv", forward.withGraph(builder.build()), SessionSettings.ofThreads(1));
                Tensor input = Tensor.zeros(PICTURES, 3, TextNetwork.SIDE, TextNetwork.SIDE);
                Tensor output = Tensor.zeros(PICTURES, 4, TextNetwork.SIDE, TextNetwork.SIDE)) {
            FloatBuffer into = input.elements();
            for (float[] row : ROWS) {
                into.put(row);
            }
            session.run(Map.of("x", input), Map.of("a", output));
            return output.toArray();
        }
    }

    private static double[] channel(float[] values, int channels, int channel, int first, int count) {
        int area = TextNetwork.SIDE * TextNetwork.SIDE;
        double[] one = new double[count * area];
        for (int i = 0; i < one.length; i++) {
            one[i] = values[((first + i / area) * channels + channel) * area + i % area];
        }
        return one;
    }
}

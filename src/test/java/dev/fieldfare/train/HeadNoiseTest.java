package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.LastLayer;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.noise.StochasticDepth;
import dev.fieldfare.onnx.GraphText;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Noise inside what is trained: where it is placed, what it means on average, and that it is kept in the file. */
class HeadNoiseTest {
    private static final String NETWORK = "a conv3:4 x; b relu a; c conv3:4 b; d add c b; r relu d; g conv3:4 r;"
            + " i add r g; h relu i; e gap h; f flatten e";
    private static final int CLASSES = 3;
    private static final int WIDTH = 4;

    private static TrainingSettings settings(String yaml) {
        return StrictYaml.parse(yaml, TrainingSettings.DEFAULT, yaml);
    }

    private static Suffix suffix(String train) {
        OnnxModel model = TextNetwork.of(NETWORK);
        return TrainSpec.parse(train)
                .suffix(new Depths(new Trunk(model, "x", "f", "Gemm node"), ShapeInference.of(model), true));
    }

    private static HeadGraph head(String train, String noise, int batch) {
        Suffix suffix = suffix(train);
        FeatureScaling scaling =
                new FeatureScaling(new float[] {0.1f, -0.2f, 0.3f, 0.5f}, new float[] {1, 2, 0.5f, 1.5f});
        return new HeadGraph(suffix, Portions.whole(batch), CLASSES, scaling, settings(noise));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        noise: {dropout: 0.3}                                      | all      | z/head/scaled
        noise: {dropout: 0.3}                                      | last     | z/head/scaled
        noise: {dropout: 0.3, dropoutBefore: [g]}                  | all      | z/r
        noise: {dropout: 0.3, dropoutBefore: [g.weight]}           | all      | z/r
        noise: {dropout: 0.3, dropoutBefore: [/g, classifier]}     | all      | z/r z/head/scaled
        noise: {dropout: 0.3, dropoutBefore: [a]}                  | blocks:1 |
        noise: {dropout: 0.3, dropoutBefore: [all]}                | all      | z/x z/b z/r z/head/scaled
        noise: {dropConnect: 0.3}                                  | all      | z/head/weight
        noise: {dropConnect: 0.3, dropConnectOn: [c, classifier]}  | all      | z/c.weight z/head/weight
        noise: {stochasticDepth: 0.3}                              | all      | z/c z/g
        noise: {stochasticDepth: 0.3}                              | blocks:1 | z/g
        noise: {dropout: 0, dropConnect: 0, stochasticDepth: 0}    | all      |
        """)
    void noiseEntersWhereItIsAskedFor(String noise, String train, String inputs) {
        List<String> names = head(train, noise, 2).noise().stream()
                .map(input -> input.name().replace("/dropped", ""))
                .toList();
        assertEquals(inputs == null ? List.of() : List.of(inputs.split(" ")), names);
    }

    /** With its strength at zero a noise leaves not even a trace in the graph. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "noise: {dropout: 0, dropoutBefore: [all]}",
                "noise: {dropConnect: 0, dropConnectOn: [all]}",
                "noise: {stochasticDepth: 0}"
            })
    void strengthZeroIsNoNoise(String noise) {
        String without =
                GraphText.of(head("all", "{}", 2).training().gradients().graph());
        assertEquals(
                without,
                GraphText.of(head("all", noise, 2).training().gradients().graph()));
    }

    /** Huang et al., equation 4: with two branches and a death rate of 0.6 at the end, they are 0.3 and 0.6. */
    @Test
    void branchesDieMoreOftenTheDeeperTheyAre() {
        List<NoiseInput> inputs =
                head("all", "noise: {stochasticDepth: 0.6}", 3).noise();
        assertEquals(Shape.of(3, 1, 1, 1), inputs.getFirst().shape());
        double[] expected = {0.3, 0.6};
        for (int i = 0; i < 2; i++) {
            NoiseInput input = inputs.get(i);
            assertEquals(expected[i], ((StochasticDepth) input.noise()).death(), 1e-12);
            int dead = 0;
            FloatBuffer z = FloatBuffer.allocate(1);
            for (int draw = 0; draw < 10_000; draw++) {
                input.draw(z.clear(), new Seed(4), draw);
                dead += z.get(0) == 0 ? 1 : 0;
                assertTrue(z.get(0) == 0 || Math.abs(z.get(0) - 1 / (1 - expected[i])) < 1e-6);
            }
            // Four standard deviations of a binomial distribution.
            assertEquals(10_000 * expected[i], dead, 4 * Math.sqrt(10_000 * expected[i] * (1 - expected[i])));
        }
    }

    /** What follows the noise is linear, so that the mean over the noise is what the head gives in use. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "noise: {dropout: 0.4}",
                "noise: {dropout: 0.4, dropoutForm: plain}",
                "noise: {dropConnect: 0.4}",
                "noise: {dropout: 0.2, dropConnect: 0.3}"
            })
    void theMeanOverTheNoiseIsWhatIsUsed(String noise) {
        int draws = 4000;
        try (StepRunner runner = runner(head("last", noise, 1))) {
            float[] used = runner.look(batch(0))[0];
            double[] sum = new double[CLASSES];
            double[] squares = new double[CLASSES];
            Map<String, Float> scalars = scalars(runner, noise);
            for (int i = 0; i < draws; i++) {
                float[] logits = runner.step(batch(i), scalars, new Seed(5)).logits()[0];
                for (int c = 0; c < CLASSES; c++) {
                    sum[c] += logits[c] / draws;
                    squares[c] += (double) logits[c] * logits[c] / draws;
                }
            }
            for (int c = 0; c < CLASSES; c++) {
                double deviation = Math.sqrt(squares[c] - sum[c] * sum[c]);
                assertTrue(deviation > 0.05, "nothing random in " + noise);
                assertEquals(used[c], sum[c], 4 * deviation / Math.sqrt(draws));
            }
        }
    }

    private static Batch batch(int first) {
        return new Batch(new int[] {0}, new int[] {0}, new float[][] {{1, 0, 0}}, 1, first);
    }

    private static Map<String, Float> scalars(StepRunner runner, String noise) {
        Map<String, Float> scalars = new LinkedHashMap<>();
        head("last", noise, 1).training().scalars().forEach(name -> scalars.put(name, 0f));
        return scalars;
    }

    private static StepRunner runner(HeadGraph graph) {
        StepRunner runner =
                new StepRunner(graph, (picture, view, epoch, into) -> into.put(new float[] {1, -2, 0.5f, 3}));
        runner.start(Map.of(
                HeadGraph.WEIGHT,
                FloatBuffer.wrap(new float[] {1, 2, 3, 4, -1, 0.5f, 2, 0.3f, 0.2f, -3, 1, 1}),
                HeadGraph.BIAS,
                FloatBuffer.wrap(new float[] {0.1f, 0.2f, 0.3f})));
        return runner;
    }

    /** The file of a retrained model has the same noise in it, in the same places, and computes the same with it. */
    @ParameterizedTest
    @ValueSource(strings = {"INVERTED", "PLAIN"})
    void dropoutIsKeptInTheFile(String form, @TempDir Path folder) {
        ClassifierModel parent = TextNetwork.classifier(NETWORK + "; o gemm:5 f", folder.resolve("parent.onnx"));
        String noise = "noise: {dropout: 0.4, dropoutForm: " + form.toLowerCase(java.util.Locale.ROOT)
                + ", dropoutBefore: [g, classifier]}";
        Trunk trunk = parent.trunk();
        Depths depths = new Depths(trunk, ShapeInference.of(trunk.model()), true);
        FeatureScaling scaling = new FeatureScaling(new float[] {0.1f, -0.2f, 0.3f, 0.5f}, new float[] {1, 2, 0.5f, 1});
        HeadGraph graph = new HeadGraph(depths.all(), Portions.whole(1), CLASSES, scaling, settings(noise));
        float[] weight = {1, 2, 3, 4, -1, 0.5f, 2, 0.3f, 0.2f, -3, 1, 1};
        float[] bias = {0.1f, 0.2f, 0.3f};
        LastLayer layer = graph.unscaled(new FineTuner.Layer(weight, bias));
        Path file = folder.resolve("retrained.onnx");
        OnnxFile.write(
                parent.retrained(graph.suffix(), List.of("p", "q", "r"), layer, Optional.empty(), Map.of("seed", 1)),
                file);
        ClassifierModel written = ClassifierModel.open(file, CardDocument.EMPTY);

        NoisyModel noisy = NoisyModel.of(written.forOnePicture(), ShapeInference::of);
        assertEquals(
                graph.noise().stream().map(NoiseInput::shape).toList(),
                noisy.inputs().stream().map(NoiseInput::shape).toList());
        assertEquals(
                graph.noise().stream().map(NoiseInput::noise).toList(),
                noisy.inputs().stream().map(NoiseInput::noise).toList());

        RandomGenerator random = new Seed(9).generator("picture");
        float[] picture = new float[3 * TextNetwork.SIDE * TextNetwork.SIDE];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = (float) random.nextGaussian();
        }
        // Without noise, as stock ONNX Runtime runs the file.
        try (StepRunner runner = new StepRunner(graph, (number, view, epoch, into) -> into.put(picture))) {
            Map<String, FloatBuffer> start = new LinkedHashMap<>(graph.suffix().weights());
            start.put(HeadGraph.WEIGHT, FloatBuffer.wrap(weight));
            start.put(HeadGraph.BIAS, FloatBuffer.wrap(bias));
            runner.start(start);
            assertArrayEquals(runner.look(batch(0))[0], run(written.forOnePicture(), Map.of(), picture), 1e-4f);
            // With it, the same draws on both sides.
            Map<String, Float> scalars = new LinkedHashMap<>();
            graph.training().scalars().forEach(name -> scalars.put(name, 0f));
            float[] trained = runner.step(batch(7), scalars, new Seed(5)).logits()[0];
            Map<String, float[]> z = new LinkedHashMap<>();
            for (int i = 0; i < noisy.inputs().size(); i++) {
                FloatBuffer drawn = FloatBuffer.allocate(noisy.inputs().get(i).elements());
                graph.noise().get(i).draw(drawn, new Seed(5), 1, 7);
                z.put(noisy.inputs().get(i).name(), drawn.array());
            }
            assertArrayEquals(trained, run(noisy.model(), z, picture), 1e-4f);
        }
        // And it can be retrained again: dropout goes with the last layer that it belongs to.
        assertEquals("f", written.trunk().features());
    }

    private static float[] run(OnnxModel model, Map<String, float[]> z, float[] picture) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        model.graph().inputs().forEach(input -> inputs.put(input.name(), Tensor.zeros(input.shape())));
        inputs.get("x").elements().put(picture);
        z.forEach((name, values) -> inputs.get(name).elements().put(values));
        try (Session session = Session.open("test", model, SessionSettings.ofThreads(1));
                Tensor output = Tensor.zeros(1, CLASSES)) {
            session.run(inputs, Map.of(model.graph().outputs().getFirst().name(), output));
            return output.toArray();
        } finally {
            inputs.values().forEach(Tensor::close);
        }
    }

    @Test
    void aLayerThatIsNotThereIsNamedWithThoseThatAre() {
        HeadNoise noise = new HeadNoise(
                settings("noise: {dropout: 0.1, dropoutBefore: [gg]}").noise());
        assertTrue(noise.namesLayers());
        String message = assertThrows(FieldfareException.class, () -> noise.requireLayers(suffix("all")))
                .getMessage();
        assertTrue(
                message.contains("noise.dropoutBefore") && message.contains("'gg'") && message.contains("g, c, a"),
                message);
    }
}

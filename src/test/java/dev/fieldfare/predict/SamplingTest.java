package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.View;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.DropoutNodes;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.SampledModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Averages over samples of the noise inside a network. */
class SamplingTest {
    /** Noise enters before the layer g; b, e and h lie before it, one of them reaches the output around it. */
    private static final String NETWORK = "a conv3:4 x; b relu a; e conv3:4 b; g conv3:4 b; h add g e; i relu h;"
            + " p gap i; f flatten p; o gemm:3 f";

    @TempDir
    Path folder;

    private ClassifierModel model;
    private Picture picture;

    @BeforeEach
    void makeModel() {
        Path plain = folder.resolve("plain.onnx");
        ClassifierModel without = TextNetwork.classifier(NETWORK, plain);
        OnnxModel noisy = new DropoutNodes(0.5, DropoutNodes.Form.INVERTED).before(OnnxFile.read(plain), Set.of("g"));
        Path file = folder.resolve("noisy.onnx");
        OnnxFile.write(noisy, file);
        model = ClassifierModel.open(file, CardDocument.EMPTY);
        assertEquals(without.labels(), model.labels());
        RandomGenerator random = new Seed(3).generator("picture");
        byte[] rgb = new byte[3 * 64];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        picture = new Picture(8, 8, rgb);
    }

    private Prediction predict(String average, InstantSource clock) {
        Averaging averaging = Averaging.parse(average);
        try (Classifier classifier = Classifier.open(model, averaging, 1, clock)) {
            return classifier.predict(picture, averaging);
        }
    }

    private Prediction predict(String average) {
        return predict(average, InstantSource.system());
    }

    /** Everything before the first noise is in the front, and nothing of it behind. */
    @Test
    void whatComesBeforeTheNoiseIsRunOnce() {
        NoisyModel noisy = NoisyModel.of(model.forOnePicture(), ShapeInference::of);
        assertEquals(1, noisy.inputs().size());
        SampledModel sampled = SampledModel.of(noisy, 4, ShapeInference::of);
        assertEquals(
                List.of("a", "b", "e"),
                sampled.front().graph().nodes().stream()
                        .map(node -> node.output(0))
                        .toList());
        assertEquals(
                List.of("b", "e"),
                sampled.kept().stream().map(value -> value.name()).sorted().toList());
        assertTrue(sampled.back().graph().nodes().stream()
                .noneMatch(node -> node.output(0).equals("e")));
    }

    /** A sample is the network with that very z: the same, run by hand one at a time from the picture on. */
    @Test
    void samplesInABatchAreTheSamplesOneByOne() {
        List<float[]> batched = new ArrayList<>();
        try (Looker looker = Looker.open(model, Averaging.parse("dropout:7"), 1)) {
            assertEquals(7, looker.samplesAtOnce());
            looker.turnTo(picture, View.CENTRE);
            batched.addAll(looker.sample(2, 0, 7));
        }
        try (Looker looker = Looker.open(model, Averaging.parse("dropout:1"), 1)) {
            looker.turnTo(picture, View.CENTRE);
            for (int i = 0; i < 7; i++) {
                assertArrayEquals(batched.get(i), looker.sample(2, i, 1).getFirst(), 1e-5f);
            }
        }
        assertFalse(Arrays.equals(batched.get(0), batched.get(1)));
    }

    /** Exporters flatten by arithmetic on shapes, which stand before the noise and are no floats. */
    @Test
    void shapesMayBeComputedBeforeTheNoise() {
        OnnxModel plain = OnnxFile.read(folder.resolve("noisy.onnx"));
        GraphBuilder builder = GraphBuilder.withoutNodes(plain.graph());
        for (Node node : plain.graph().nodes()) {
            if (!node.is("Flatten")) {
                builder.add(node);
                continue;
            }
            String rows = builder.apply(
                    "Gather", List.of(builder.apply("Shape", List.of("x")), builder.constant(new long[] {0})));
            String target = builder.apply(
                    "Concat", List.of(rows, builder.constant(new long[] {-1})), Map.of("axis", Attribute.of(0)));
            builder.add(new Node("/f", "", "Reshape", List.of(node.input(0), target), node.outputs(), Map.of()));
        }
        Path file = folder.resolve("shapes.onnx");
        OnnxFile.write(plain.withGraph(builder.build()), file);
        float[] expected = predict("dropout:6").probabilities();
        model = ClassifierModel.open(file, CardDocument.EMPTY);
        assertArrayEquals(expected, predict("dropout:6").probabilities(), 1e-6f);
    }

    @ParameterizedTest
    @CsvSource({"none, 1", "dropout:1, 1", "dropout:30, 30", "dropout:17+flip, 34", "crops:5+flip, 10"})
    void thereAreAsManyLooksAsAskedFor(String average, int looks) {
        Prediction prediction = predict(average);
        assertEquals(looks, prediction.samples());
        if (average.contains("dropout:3")) {
            assertTrue(prediction.mutualInformation() > 1e-6, "samples differ");
        }
    }

    @Test
    void theSamePictureAlwaysGetsTheSameAnswer() {
        assertArrayEquals(
                predict("dropout:20").probabilities(), predict("dropout:20").probabilities());
    }

    /** Of a clock that moves ten milliseconds at every glance, three looks fit into 35. */
    @Test
    void asManyAsFitIntoTheTime() {
        long[] now = {0};
        InstantSource clock = () -> Instant.ofEpochMilli(now[0] += 10);
        assertEquals(3, predict("crops:9,within:35ms", clock).samples());
        assertEquals(1, predict("crops:9,within:0ms", clock).samples());
        assertEquals(9, predict("crops:9,within:1000ms", clock).samples());
    }

    @ParameterizedTest
    @ValueSource(strings = {"members", "dropout:3"})
    void whatIsNotThereCannotBeAveragedOver(String average) {
        ClassifierModel plain = ClassifierModel.open(folder.resolve("plain.onnx"), CardDocument.EMPTY);
        var refused = assertThrows(
                FieldfareException.class,
                () -> Looker.open(plain, Averaging.parse(average), 1).close());
        assertTrue(refused.getMessage().contains("plain.onnx")
                && refused.getMessage().contains("etrain"));
    }

    @Test
    void noiseThatSharesNothingIsDrawnAnewForEachView() {
        NoisyModel noisy = NoisyModel.of(model.forOnePicture(), ShapeInference::of);
        NoiseInput input = noisy.inputs().getFirst();
        float[] first = draw(input, 0);
        assertArrayEquals(first, draw(input, 0));
        assertFalse(Arrays.equals(first, draw(input, 1)));
    }

    private static float[] draw(NoiseInput input, int view) {
        FloatBuffer z = FloatBuffer.allocate(input.elements());
        input.draw(z, new Seed(0), view, 0);
        return z.array();
    }

    /** Two models that prepare pictures in their own ways: the mean of what each says by itself. */
    @Test
    void modelsThatWereTrainedApartAreAveraged() {
        ClassifierModel other =
                TextNetwork.classifier("a conv3:5 x; p gap a; f flatten p; o gemm:3 f", folder.resolve("other.onnx"));
        float[] mean = new float[3];
        for (ClassifierModel one : List.of(model, other)) {
            try (Classifier classifier = Classifier.open(one, Averaging.NONE, 1, InstantSource.system())) {
                float[] probabilities =
                        classifier.predict(picture, Averaging.NONE).probabilities();
                for (int c = 0; c < mean.length; c++) {
                    mean[c] += probabilities[c] / 2;
                }
            }
        }
        Averaging flip = Averaging.parse("flip");
        try (Classifier both = Classifier.open(List.of(model, other), Averaging.NONE, 1, InstantSource.system())) {
            Prediction prediction = both.predict(picture, Averaging.NONE);
            assertArrayEquals(mean, prediction.probabilities(), 1e-6f);
            assertEquals(2, prediction.samples());
            assertEquals(4, both.predict(picture, flip).samples());
        }
    }

    @Test
    void modelsOfOtherLabelsAreNotAveraged() {
        ClassifierModel four =
                TextNetwork.classifier("a conv3:5 x; p gap a; f flatten p; o gemm:4 f", folder.resolve("four.onnx"));
        var refused = assertThrows(
                FieldfareException.class,
                () -> Classifier.open(List.of(model, four), Averaging.NONE, 1, InstantSource.system())
                        .close());
        assertTrue(refused.getMessage().contains("four.onnx knows other labels than"), refused.getMessage());
    }
}

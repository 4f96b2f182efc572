package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.View;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network with fractional max pooling from pictures to a new version, which still draws its regions. */
class FractionalRetrainingTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: all
        epochs: 3
        threads: 2
        batch: 8
        average: none
        optimizer: {learningRate: 0.02}
        suffix: {epochs: 3, start: zero}
        augment: {views: 1}
        split: {by: picture, validation: 0.2, test: 0.3}
        """, TrainingSettings.DEFAULT, "test");

    private static final String NETWORK = "a conv3:6 x; b relu a; p fractional:5 b;"
            + " c conv3:8 p; d relu c; q fractional:3 d; e gap q; f flatten e; g gemm:4 f";

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void takePictures() throws IOException {
        SimulatedPictures.write(data, 8);
    }

    private ClassifierModel retrain(String output, Map<String, ?> given) {
        ClassifierModel model = TextNetwork.classifier(NETWORK, folder.resolve("fractional.onnx"));
        TrainingSettings settings = StrictYaml.override(SETTINGS, given, "test");
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            TrainingReport report = new Retraining(
                            model, data, store, settings, "fieldfare test", InstantSource.system(), Progress.SILENT)
                    .run();
            assertTrue(report.trainable().startsWith(settings.train() + ": "), report.trainable());
        }
        return ClassifierModel.open(folder.resolve(output).resolve(ModelStore.MODEL), CardDocument.EMPTY);
    }

    private Graph graph(String output) {
        return OnnxFile.read(folder.resolve(output).resolve(ModelStore.MODEL)).graph();
    }

    @Test
    void everyLayerIsNewAndTheRegionsAreStillDrawn() throws IOException {
        ClassifierModel trained = retrain("out", Map.of());
        Graph before = OnnxFile.read(folder.resolve("fractional.onnx")).graph();
        Graph after = graph("out");
        for (String weight : new String[] {"a.weight", "c.weight"}) {
            assertNotEquals(
                    before.initializers().get(weight), after.initializers().get(weight), weight);
        }
        assertEquals(
                2,
                after.nodes().stream()
                        .filter(node -> node.operator().equals("FractionalMaxPool"))
                        .count());
        for (String average : new String[] {"none", "fmp:4"}) {
            var evaluated = FolderEvaluation.of(
                    trained, data, Averaging.parse(average), 1, InstantSource.system(), Progress.SILENT);
            assertEquals(8 * SimulatedPictures.LABELS.size(), evaluated.images(), average);
        }
        retrain("again", Map.of());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("out").resolve(ModelStore.MODEL)),
                Files.readAllBytes(folder.resolve("again").resolve(ModelStore.MODEL)));
    }

    private float[] look(Looks looks, Glance glance) {
        Picture picture = PictureReader.read(
                LabelledPictures.scan(data).pictures().getFirst().file(), 64);
        FloatBuffer features = looks.look(picture, glance).features();
        float[] row = new float[features.remaining()];
        features.get(row);
        return row;
    }

    /** In use one fixed draw stands in for the regions; in training each view of a picture has its own. */
    @Test
    void everyChangedViewHasRegionsOfItsOwn() {
        ClassifierModel model = TextNetwork.classifier(NETWORK, folder.resolve("fractional.onnx"));
        int width = 8;
        Seed seed = new Seed(7);
        try (Looks looks = Looks.of(model, width, folder)) {
            float[] plain = look(looks, Glance.PLAIN);
            float[] first = look(looks, Glance.draw(List.of(), seed, 0, 1));
            assertArrayEquals(plain, look(looks, Glance.PLAIN));
            assertArrayEquals(first, look(looks, Glance.draw(List.of(), seed, 0, 1)));
            assertFalse(Arrays.equals(plain, first));
            assertFalse(Arrays.equals(first, look(looks, Glance.draw(List.of(), seed, 0, 2))));
            OnnxModel settled = NoisyModel.settled(model.trunk().model(), ShapeInference::of);
            Picture picture = PictureReader.read(
                    LabelledPictures.scan(data).pictures().getFirst().file(), 64);
            try (Session session = Session.open("settled", settled, SessionSettings.ofThreads(1));
                    Tensor input = Tensor.zeros(model.preprocessing().shape());
                    Tensor output = Tensor.zeros(1, width)) {
                model.preprocessing().toTensor(picture, View.CENTRE, input.elements());
                session.run(
                        Map.of(model.trunk().input(), input),
                        Map.of(model.trunk().features(), output));
                assertArrayEquals(output.toArray(), plain);
            }
        }
    }

    /** Regions alone make views differ: they are worth keeping without any change of the picture. */
    @ParameterizedTest
    @CsvSource({"last, 3", "from:/c, 3", "all, 0"})
    void regionsInTheFrozenPartAreReasonEnoughForViews(String train, int views) {
        ClassifierModel model = TextNetwork.classifier(NETWORK, folder.resolve("fractional.onnx"));
        TrainingSettings settings = StrictYaml.override(
                SETTINGS,
                Map.of("train", train, "augment", Map.of("views", 3, "strengths", Map.of("crop", 0, "flip", 0))),
                "test");
        MemoryPlan plan = new Planner(model, 4, 10, 10, settings, 1L << 30, MemoryNeeds.AlsoHeld.NOTHING).plan();
        assertEquals(views, plan.views());
    }

    /** With regions in the frozen part, and with layers of it behind them. */
    @ParameterizedTest
    @ValueSource(strings = {"last", "from:/c"})
    void theFrozenPartMayHaveRegionsToo(String train) {
        assertEquals(
                SimulatedPictures.LABELS, retrain("out", Map.of("train", train)).labels());
        Graph before = OnnxFile.read(folder.resolve("fractional.onnx")).graph();
        assertEquals(
                before.initializers().get("a.weight"),
                graph("out").initializers().get("a.weight"));
    }
}

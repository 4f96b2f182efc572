package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.predict.Averaging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

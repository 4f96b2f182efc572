package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.predict.Averaging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From pictures to a model of which more than the last layer is new. */
class DeeperRetrainingTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: blocks:1
        epochs: 6
        threads: 2
        batch: 8
        average: none
        optimizer: {learningRate: 0.01}
        noise: {dropout: 0.2}
        suffix: {epochs: 2}
        augment: {views: 1}
        split: {by: picture, validation: 0.2, test: 0.3}
        """, TrainingSettings.DEFAULT, "test");

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 8);
    }

    private TrainingReport retrain(String output, Map<String, ?> given) {
        TrainingSettings settings = StrictYaml.override(SETTINGS, given, "test");
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            return new Retraining(
                            TestModels.shipped(),
                            data,
                            store,
                            settings,
                            "fieldfare test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
        }
    }

    private Path file(String output) {
        return folder.resolve(output).resolve(ModelStore.MODEL);
    }

    /** The parent's constants that are other ones now, or gone. */
    private Set<String> changed(String output) {
        Map<String, TensorData> before =
                OnnxFile.read(TestModels.shippedFile()).graph().initializers();
        Map<String, TensorData> after = OnnxFile.read(file(output)).graph().initializers();
        Set<String> changed = new TreeSet<>(before.keySet());
        changed.removeIf(name -> before.get(name).equals(after.get(name)));
        return changed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cached", "fresh"})
    void theLastBlockIsNewAndEveryByteIsDecidedByTheSeed(String inputs) throws IOException {
        Map<String, Object> given = Map.of("suffix", Map.of("inputs", inputs));
        TrainingReport report = retrain("out", given);
        assertTrue(
                report.trainable().startsWith("blocks:1: blocks.5.conv1.weight [128 x 64 x 3 x 3], "),
                report.trainable());
        assertEquals(3 * 129 + 128 * (64 * 9 + 1) + 128 * (128 * 9 + 1) + 128 * 65, report.parameters());
        assertTrue(report.stopped().startsWith("the last layer by itself came to"), report.stopped());
        assertEquals(2, report.epochs().size());
        assertEquals("blocks:1", report.settings().get("train"));
        assertEquals(
                Set.of(
                        "blocks.5.conv1.weight",
                        "blocks.5.conv1.bias",
                        "blocks.5.conv2.weight",
                        "blocks.5.conv2.bias",
                        "blocks.5.short.weight",
                        "blocks.5.short.bias",
                        "classifier.weight",
                        "classifier.bias"),
                changed("out"));
        // What was measured is what is in the file.
        ClassifierModel model = ClassifierModel.open(file("out"), CardDocument.EMPTY);
        var evaluated = FolderEvaluation.of(model, data, Averaging.NONE, 1, InstantSource.system(), Progress.SILENT);
        assertTrue(evaluated.accuracy() > 0.5, "better than chance, 0.33: " + evaluated.accuracy());

        retrain("again", given);
        assertArrayEquals(Files.readAllBytes(file("out")), Files.readAllBytes(file("again")));
        retrain("other", Map.of("suffix", Map.of("inputs", inputs), "seed", 2));
        assertFalse(Files.mismatch(file("out"), file("other")) == -1);
    }

    /** From the picture on, with a last layer that begins at zero; without a frozen part. */
    @Test
    void theWholeNetworkFromALastLayerOfZeros() {
        TrainingReport report =
                retrain("out", Map.of("train", "all", "epochs", 1, "suffix", Map.of("start", "zero", "epochs", 1)));
        assertTrue(report.trainable().startsWith("all: stem.weight [16 x 3 x 3 x 3], "), report.trainable());
        assertEquals("all 1 epochs are done", report.stopped().split(";")[0]);
        assertEquals(
                OnnxFile.read(TestModels.shippedFile()).graph().initializers().keySet(), changed("out"));
        assertEquals(
                SimulatedPictures.LABELS,
                ClassifierModel.open(file("out"), CardDocument.EMPTY).labels());
    }

    /** A rate that spoils everything: then the last layer by itself is the result, as if asked for. */
    @Test
    void whatIsNotBetterThanTheLastLayerIsLeftOut() throws IOException {
        TrainingReport report = retrain("out", Map.of("suffix", Map.of("learningRate", 3)));
        assertTrue(
                report.stopped().startsWith("training the last block and the last layer made nothing better"),
                report.stopped());
        assertEquals(Set.of("classifier.weight", "classifier.bias"), changed("out"));
        assertTrue(report.best().epoch() > 0);
        assertEquals("last: head/weight [3 x 128], head/bias [3]", report.trainable());
        assertEquals(3 * 129, report.parameters());
    }
}

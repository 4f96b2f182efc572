package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Ensemble;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a retrained model makes of pictures that are like none that trained it. */
class UnknownTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: last
        epochs: 12
        threads: 1
        average: none
        optimizer: {learningRate: 0.01}
        augment: {views: 0}
        split: {by: picture, validation: 0.1, test: 0.3}
        """, TrainingSettings.DEFAULT, "test");

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private static Picture known;
    private static Picture foreign;

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 30);
        known = PictureReader.read(data.resolve("nut/3.png"), 64);
        // Blocks of loud colours, unlike any bench with a part on it.
        RandomGenerator random = new Seed(4).generator("blocks");
        byte[] rgb = new byte[3 * 64 * 64];
        byte[] colour = new byte[3 * 16];
        random.nextBytes(colour);
        for (int i = 0; i < rgb.length; i++) {
            int pixel = i / 3;
            rgb[i] = colour[(pixel % 64 / 16 + pixel / 64 / 16 * 4) * 3 % colour.length + i % 3];
        }
        foreign = new Picture(64, 64, rgb);
    }

    private TrainingReport retrain(ClassifierModel parent, String output, Map<String, ?> changes) {
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            return new Retraining(
                            parent,
                            data,
                            store,
                            StrictYaml.override(SETTINGS, changes, "test"),
                            "fieldfare test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
        }
    }

    private TrainingReport retrain(String output, Map<String, ?> changes) {
        return retrain(TestModels.shipped(), output, changes);
    }

    private Path file(String output) {
        return folder.resolve(output).resolve(ModelStore.MODEL);
    }

    private ClassifierModel model(String output) {
        return ClassifierModel.open(file(output), CardDocument.EMPTY);
    }

    private static Prediction predict(ClassifierModel model, String average, Picture picture) {
        Averaging way = Averaging.parse(average);
        try (Classifier classifier = Classifier.open(model, way, 1, InstantSource.system())) {
            return classifier.predict(picture, way);
        }
    }

    /** One model, looked at from all sides. */
    @Test
    void aForeignPictureIsUnknown() throws IOException {
        TrainingReport report =
                retrain("model", Map.of("noise", Map.of("dropout", 0.2), "unknown", Map.of("quantile", 0.5)));
        ClassifierModel model = model("model");
        List<String> outputs = OnnxFile.read(file("model")).graph().outputs().stream()
                .map(Value::name)
                .toList();
        assertEquals(List.of(model.outputName(), "distance"), outputs, "who reads the first output reads what he did");
        assertEquals(report.unknown(), model.card().unknown());

        // Of 27 held-back pictures, the limit is the 14th of their distances.
        assertEquals(27, report.test().images());
        assertEquals(13, report.test().unknown());

        Prediction here = predict(model, "none", known);
        Prediction there = predict(model, "none", foreign);
        assertTrue(there.distance() > here.distance() + 0.1, there + " against " + here);
        ClassifierModel limited = between(here, there, "model");
        assertFalse(predict(limited, "none", known).isUnknown());
        assertEquals(here.label(), predict(limited, "none", known).answer());
        Prediction answered = predict(limited, "none", foreign);
        assertEquals(Prediction.Doubt.FAR, answered.doubt());
        assertEquals("unknown", answered.answer());
        assertEquals(there.label(), answered.label());

        // Every way of looking sees the distance of the plain look, and dropout behind the features does not matter to
        // it.
        for (String average : List.of("crops:3+flip", "dropout:5", "crops:2+dropout:3", "crops:9,until:0.9")) {
            assertEquals(here.distance(), predict(model, average, known).distance(), 1e-5, average);
            assertEquals(there.distance(), predict(model, average, foreign).distance(), 1e-3, average);
        }

        // With several models there is none.
        Averaging none = Averaging.NONE;
        try (Classifier both = Classifier.open(List.of(model, model), none, 1, InstantSource.system())) {
            assertTrue(Double.isNaN(both.predict(foreign, none).distance()));
        }

        // What is not probable enough is unknown, too.
        CardDocument strict = CardDocument.ofUnknown(1, 1e9);
        assertEquals(
                Prediction.Doubt.UNSURE,
                predict(ClassifierModel.open(file("model"), strict), "none", known)
                        .doubt());

        joinedModelsDoNotSay(model);
        aModelWithADistanceIsRetrained(model);
    }

    /** The model with a limit between two pictures. */
    private ClassifierModel between(Prediction near, Prediction far, String output) {
        double limit = (near.distance() + far.distance()) / 2;
        return ClassifierModel.open(file(output), CardDocument.ofUnknown(0, limit));
    }

    private void joinedModelsDoNotSay(ClassifierModel model) {
        Path joined = folder.resolve("joined.onnx");
        OnnxFile.write(Ensemble.of(List.of(model, model), Map.of()), joined);
        assertEquals(1, OnnxFile.read(joined).graph().outputs().size());
        ClassifierModel ensemble = ClassifierModel.open(joined, CardDocument.EMPTY);
        assertTrue(Double.isNaN(predict(ensemble, "none", foreign).distance()));
        var refused = assertThrows(
                FieldfareException.class, () -> ClassifierModel.open(joined, CardDocument.ofUnknown(0, 1)));
        assertTrue(refused.getMessage().contains("unknown.beyond"), refused.getMessage());
    }

    /** What told its parent known from unknown goes, with the last layer. */
    private void aModelWithADistanceIsRetrained(ClassifierModel parent) {
        Path child = Path.of(retrain(parent, "child", Map.of()).model());
        assertEquals(
                predict(parent, "none", foreign).distance(),
                predict(ClassifierModel.open(child, CardDocument.EMPTY), "none", foreign)
                        .distance(),
                1e-3,
                "the same features of the same pictures");
        assertEquals(ofDistance(parent.file()), ofDistance(child));
    }

    private static long ofDistance(Path file) {
        return OnnxFile.read(file).graph().nodes().stream()
                .filter(node -> node.output(0).startsWith("distance"))
                .count();
    }

    /** Deeper layers change the features: those of the finished network count. */
    @ParameterizedTest
    @ValueSource(strings = {"blocks:1", "ensemble"})
    void otherModelsCanTell(String kind) throws IOException {
        Map<String, Object> changes = kind.equals("ensemble")
                ? Map.of("ensemble", Map.of("members", 3))
                : Map.of("train", kind, "suffix", Map.of("epochs", 3));
        TrainingReport report = retrain("first", changes);
        ClassifierModel model = model("first");
        Prediction here = predict(model, "none", known);
        Prediction there = predict(model, "none", foreign);
        assertTrue(there.distance() > here.distance() + 0.1, there + " against " + here + ", " + report.unknown());
        if (kind.equals("ensemble")) {
            assertEquals(
                    predict(model, "none", known).distance(),
                    predict(model, "members", known).distance(),
                    1e-6);
        }
        retrain("second", changes);
        assertArrayEquals(Files.readAllBytes(file("first")), Files.readAllBytes(file("second")));
    }

    @Test
    void itCanBeLeftOut() {
        TrainingReport report = retrain("none", Map.of("unknown", Map.of("quantile", 0, "below", 0.5)));
        assertNull(report.unknown().beyond());
        assertEquals(1, OnnxFile.read(file("none")).graph().outputs().size());
        assertEquals(0.5, model("none").card().unknown().below());
        Prediction prediction = predict(model("none"), "none", foreign);
        assertTrue(Double.isNaN(prediction.distance()));
        assertEquals(prediction.probability() < 0.5, prediction.isUnknown());
    }
}

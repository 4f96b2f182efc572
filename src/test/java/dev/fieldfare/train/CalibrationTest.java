package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Prediction;
import dev.fieldfare.predict.Temperature;
import dev.fieldfare.predict.TemperatureFit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Temperatures that a retraining finds, and where they act. */
class CalibrationTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: last
        epochs: 12
        threads: 1
        average: crops:3
        optimizer: {learningRate: 0.01}
        augment: {views: 0}
        split: {by: picture, validation: 0.2, test: 0.5}
        """, TrainingSettings.DEFAULT, "test");

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 16);
    }

    private TrainingReport retrain(String output, Map<String, ?> changes) {
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            return new Retraining(
                            TestModels.shipped(),
                            data,
                            store,
                            StrictYaml.override(SETTINGS, changes, "test"),
                            "fieldfare test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
        }
    }

    private ClassifierModel model(String output) {
        return ClassifierModel.open(folder.resolve(output).resolve(ModelStore.MODEL), CardDocument.EMPTY);
    }

    private static float[] weight(ClassifierModel model) {
        Graph graph = model.forOnePicture().graph();
        return graph.initializers().get("classifier.weight").floats();
    }

    /** The same training with and without: all the difference is a divisor in the last layer, and a line in the card. */
    @Test
    void theLastLayerIsDividedAndTheCardKeepsTheRest() throws IOException {
        TrainingReport plain = retrain("plain", Map.of("calibrate", false));
        TrainingReport report = retrain("calibrated", Map.of());
        assertEquals("calibrate is false", plain.calibration().whyNot());
        assertEquals(1, plain.calibration().temperature());
        assertNull(plain.calibration().single());
        assertNull(model("plain").card().calibration());

        TemperatureFit single = Objects.requireNonNull(report.calibration().single());
        TemperatureFit averaged = Objects.requireNonNull(report.calibration().averaged());
        assertEquals("", report.calibration().whyNot());
        assertEquals(24, single.images());
        assertEquals(report.calibration().temperature(), single.temperature());
        assertNotEquals(1, single.temperature());
        assertEquals(plain.test().loss(), single.lossBefore(), 1e-6);
        assertEquals(plain.test().accuracy(), report.test().accuracy());
        assertEquals(
                new ModelCard.Calibration("crops:3", averaged.temperature()),
                model("calibrated").card().calibration());

        float[] before = weight(model("plain"));
        float[] after = weight(model("calibrated"));
        for (int i = 0; i < before.length; i++) {
            assertEquals(before[i] / single.temperature(), after[i], 1e-6);
        }

        // The report's figures are those of the file.
        Averaging way = Averaging.parse("crops:3");
        var measured = FolderEvaluation.of(
                model("calibrated"), heldBack(report), way, 1, InstantSource.system(), Progress.SILENT);
        assertEquals(Objects.requireNonNull(report.testAveraged()).loss(), measured.loss(), 1e-6);
        retrain("again", Map.of());
        assertArrayEquals(bytes("calibrated"), bytes("again"));
    }

    private byte[] bytes(String output) throws IOException {
        return Files.readAllBytes(folder.resolve(output).resolve(ModelStore.MODEL));
    }

    /** The pictures that the report is about, which are those of every training with these settings. */
    private Path heldBack(TrainingReport report) throws IOException {
        Path part = folder.resolve("held");
        if (Files.notExists(part)) {
            LabelledPictures found = LabelledPictures.scan(data);
            int[] labels =
                    found.pictures().stream().mapToInt(LabelledPicture::label).toArray();
            List<String> names = found.pictures().stream()
                    .map(picture -> found.labels().get(picture.label()) + "/"
                            + picture.file().getFileName())
                    .toList();
            Split split = Split.of(
                    names::get,
                    labels,
                    3,
                    Groups.single(labels.length),
                    SETTINGS.split(),
                    new dev.fieldfare.noise.Seed(1));
            for (int i : split.of(Side.TEST)) {
                Path to = part.resolve(names.get(i));
                Files.createDirectories(to.getParent());
                Files.copy(found.pictures().get(i).file(), to);
            }
        }
        try (var files = Files.walk(part)) {
            assertEquals(
                    report.data().test(), files.filter(Files::isRegularFile).count());
        }
        return part;
    }

    /** In use it acts on these looks, however far they go, and on no others; and it never changes an answer. */
    @Test
    void theCardsTemperatureIsForItsLooksOnly() {
        retrain("model", Map.of());
        ClassifierModel model = model("model");
        double temperature = Objects.requireNonNull(model.card().calibration()).temperature();
        assertNotEquals(1, temperature);
        Picture picture = PictureReader.read(
                data.resolve("nut/3.png"), model.preprocessing().wantedShortSide());
        try (Classifier classifier = Classifier.open(model, Averaging.NONE, 1, InstantSource.system())) {
            for (String spec :
                    List.of("none", "crops:3", "crops:3,until:0.999999", "crops:3,within:9999ms", "crops:5")) {
                Averaging way = Averaging.parse(spec);
                List<float[]> looks = classifier.looks(picture, way);
                Prediction said = classifier.predict(picture, way);
                Prediction plain = mean(model, looks);
                boolean tempered = spec.startsWith("crops:3") && looks.size() > 1;
                float[] expected =
                        tempered ? Temperature.temper(plain.probabilities(), temperature) : plain.probabilities();
                assertArrayEquals(expected, said.probabilities(), spec);
                assertEquals(plain.label(), said.label());
            }
        }
        assertTrue(Averaging.automatic(model.card()).spec().startsWith("crops:3,until"));
    }

    private static Prediction mean(ClassifierModel model, List<float[]> looks) {
        float[] mean = new float[model.labels().size()];
        looks.forEach(look -> {
            for (int c = 0; c < mean.length; c++) {
                mean[c] += look[c] / looks.size();
            }
        });
        return new Prediction(model.labels(), mean, looks.size(), 0, 0, Double.NaN, Prediction.Doubt.NONE);
    }

    /** Members get one temperature, that of their mean. */
    @Test
    void anEnsembleHasOneTemperature() {
        Map<String, ?> three = Map.of("members", 3, "by", "bootstrap");
        TrainingReport plain = retrain("plain", Map.of("ensemble", three, "calibrate", false, "average", "none"));
        TrainingReport report = retrain("ensemble", Map.of("ensemble", three, "average", "none"));
        TemperatureFit fit = Objects.requireNonNull(report.calibration().single());
        assertEquals("members", fit.averaging());
        assertNull(report.calibration().averaged());
        assertEquals(plain.test().loss(), fit.lossBefore(), 1e-6);
        ClassifierModel before = model("plain");
        ClassifierModel after = model("ensemble");
        Picture picture = PictureReader.read(
                data.resolve("nut/3.png"), before.preprocessing().wantedShortSide());
        try (Classifier first = Classifier.open(before, Averaging.NONE, 1, InstantSource.system());
                Classifier second = Classifier.open(after, Averaging.NONE, 1, InstantSource.system())) {
            List<float[]> members = first.looks(picture, Averaging.parse("members"));
            assertEquals(3, members.size());
            float[] expected = mean(
                            before,
                            members.stream()
                                    .map(member -> Temperature.temper(member, fit.temperature()))
                                    .toList())
                    .probabilities();
            assertArrayEquals(expected, second.predict(picture, Averaging.NONE).probabilities(), 1e-5f);
        }
    }

    @Test
    void fewPicturesAreNotFittedTo() {
        TrainingReport report = retrain("few", Map.of("split", Map.of("test", 0.2)));
        assertTrue(
                report.calibration().whyNot().startsWith("only "),
                report.calibration().whyNot());
        assertNull(report.calibration().single());
        assertNull(report.test().temperature());
        assertNotNull(report.testAveraged());
        assertNull(model("few").card().calibration());
    }
}

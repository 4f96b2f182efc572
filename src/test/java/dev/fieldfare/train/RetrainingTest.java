package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.View;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole trip from pictures to a promoted model, on a few dozen simulated pictures and the shipped network. */
class RetrainingTest {
    private static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: last
        epochs: 12
        threads: 1
        average: none
        optimizer: {learningRate: 0.01}
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
        SimulatedPictures.write(data, 12);
    }

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    private TrainingReport retrain(String output, TrainingSettings settings) {
        return retrain(TestModels.shipped(), data, output, settings);
    }

    private TrainingReport retrain(ClassifierModel parent, Path pictures, String output, TrainingSettings settings) {
        try (ModelStore store = ModelStore.open(folder.resolve(output))) {
            return new Retraining(
                            parent,
                            pictures,
                            store,
                            settings,
                            "fieldfare test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
        }
    }

    private byte[] model(String output) throws IOException {
        return Files.readAllBytes(folder.resolve(output).resolve(ModelStore.MODEL));
    }

    private List<String> files(String output) throws IOException {
        Path root = folder.resolve(output);
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static TrainingSettings with(Map<String, ?> given) {
        return StrictYaml.override(SETTINGS, given, "test");
    }

    @Test
    void fromPicturesToAModelInUse() throws IOException, OrtException {
        byte[] parent = Files.readAllBytes(TestModels.shippedFile());
        // What an interrupted run left behind.
        Path left = folder.resolve("out/versions/.unfinished");
        Files.createDirectories(left);
        Files.writeString(left.resolve("features.f32"), "half");

        TrainingReport report = retrain("out", SETTINGS);

        assertEquals(
                List.of(
                        ".lock",
                        "model.onnx",
                        "report.html",
                        "report.json",
                        "versions/0001/manifest.json",
                        "versions/0001/model.onnx",
                        "versions/0001/report.html",
                        "versions/0001/report.json"),
                files("out"));
        assertEquals("0001", report.version());
        assertTrue(report.promoted());
        assertEquals("there was no model for these labels before", report.reason());
        assertNull(report.incumbent());
        assertEquals(SimulatedPictures.LABELS, report.labels());
        assertEquals(36, report.data().images());
        assertEquals(12, report.data().test());
        assertEquals(6, report.data().validation());
        assertEquals(18, report.data().train());
        assertTrue(
                report.test().accuracy() > 0.5,
                "better than chance, 0.33: " + report.test().accuracy());
        assertTrue(report.memory().plannedBytes() > 0 && report.memory().peakBytes() > 0);
        assertEquals(
                report.test().images() - report.test().right(),
                report.mistakes().size());
        assertEquals(
                JsonMapper.builder().build().readTree(ReportFile.json(report)),
                JsonMapper.builder()
                        .build()
                        .readTree(folder.resolve("out/report.json").toFile()));
        assertArrayEquals(parent, Files.readAllBytes(TestModels.shippedFile()), "the parent is not touched");

        theFileIsEnough(folder.resolve("out").resolve(ModelStore.MODEL));
    }

    /** Any ONNX Runtime runs it, and says what Fieldfare says. */
    private void theFileIsEnough(Path file) throws OrtException {
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        assertEquals(SimulatedPictures.LABELS, model.labels());
        assertEquals(TestModels.shipped().preprocessing(), model.preprocessing());
        assertEquals(List.of(), model.assumptions());
        assertEquals(
                List.of("parent", "data", "seed", "settings", "program"),
                List.copyOf(model.card().provenance().keySet()));
        var picture = PictureReader.read(
                data.resolve("nut/3.png"), model.preprocessing().wantedShortSide());
        float[] expected;
        try (Classifier classifier = Classifier.open(model, Averaging.NONE, 1, InstantSource.system())) {
            expected = classifier.predict(picture, Averaging.NONE).probabilities();
        }
        FloatBuffer input = FloatBuffer.allocate(model.preprocessing().elements());
        model.preprocessing().toTensor(picture, View.CENTRE, input);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor tensor = OnnxTensor.createTensor(
                        environment, input.flip(), model.preprocessing().shape());
                OrtSession.Result result = session.run(Map.of(model.inputName(), tensor))) {
            assertTrue(session.getMetadata()
                    .getCustomMetadataValue("fieldfare.card")
                    .isPresent());
            float[][] logits = (float[][]) result.get(0).getValue();
            assertArrayEquals(expected, Classifier.softmax(logits[0]), 1e-5f);
        }
    }

    @Test
    void theSeedDecidesEveryByte() throws IOException {
        retrain("first", SETTINGS);
        retrain("second", SETTINGS);
        retrain("third", with(Map.of("seed", 2)));
        assertArrayEquals(model("first"), model("second"));
        assertFalse(Arrays.equals(model("first"), model("third")));
    }

    /** Trained again on the same pictures, nothing is better: the version is kept, the model in use stays. */
    @Test
    void anEqualModelIsNotPromoted() throws IOException {
        retrain("out", SETTINGS);
        byte[] inUse = model("out");
        TrainingReport again = retrain("out", SETTINGS);
        assertEquals("0002", again.version());
        assertFalse(again.promoted());
        assertTrue(again.reason().contains("the loss of the new one is the same"), again.reason());
        assertNotNull(again.incumbent());
        assertEquals(again.test(), again.incumbent());
        assertArrayEquals(inUse, model("out"));
        assertTrue(again.model().endsWith("versions/0002/model.onnx"), again.model());
        assertTrue(Files.exists(Path.of(again.model())));
        assertFalse(files("out").contains("model.onnx.part"));
    }

    /** Trained on pictures that bear each other's labels, a model is worse on those that bear the right ones. */
    @Test
    void aWorseModelIsNotPromoted() throws IOException {
        retrain("out", SETTINGS);
        byte[] inUse = model("out");
        Path wrong = folder.resolve("wrong");
        List<String> labels = SimulatedPictures.LABELS;
        for (int i = 0; i < labels.size(); i++) {
            String other = labels.get((i + 1) % labels.size());
            for (int picture = 0; picture < 12; picture++) {
                Path file = data.resolve(labels.get(i)).resolve(picture + ".png");
                String side = picture < 6 ? "train" : picture < 8 ? "val" : "test";
                Path to = wrong.resolve(side).resolve(side.equals("test") ? labels.get(i) : other);
                Files.copy(file, Files.createDirectories(to).resolve(picture + ".png"));
            }
        }
        TrainingReport worse = retrain(TestModels.shipped(), wrong, "out", SETTINGS);
        assertEquals(12, worse.test().images());
        assertFalse(worse.promoted(), worse.reason());
        assertEquals("0002", worse.version());
        assertArrayEquals(inUse, model("out"));
        assertTrue(Files.exists(folder.resolve("out/versions/0002/model.onnx")), "it is kept all the same");
    }

    @Test
    void aBrokenPictureIsSkippedAndNamed() throws IOException {
        Path mixed = folder.resolve("data");
        SimulatedPictures.write(mixed, 5);
        Path broken = Files.writeString(mixed.resolve("nut/broken.jpg"), "<html>not found</html>");
        TrainingReport report = retrain(TestModels.shipped(), mixed, "out", with(Map.of("epochs", 1)));
        assertEquals(15, report.data().images());
        assertEquals(
                List.of(broken.toString()),
                report.data().skipped().stream()
                        .map(TrainingReport.Skipped::file)
                        .toList());
        // An evaluation skips it too.
        ClassifierModel model = ClassifierModel.open(Path.of(report.model()), CardDocument.EMPTY);
        assertEquals(
                15,
                FolderEvaluation.of(model, mixed, Averaging.NONE, 1, InstantSource.system(), Progress.SILENT)
                        .images());
    }

    @Test
    void aSplitFolderIsTakenAsItIs() throws IOException {
        Path split = folder.resolve("data");
        SimulatedPictures.write(split.resolve("train"), 5);
        SimulatedPictures.write(split.resolve("val"), 2);
        TrainingReport report = retrain(TestModels.shipped(), split, "out", with(Map.of("epochs", 1)));
        assertEquals("as the folder is split", report.data().split());
        assertEquals(15, report.data().train());
        assertEquals(6, report.data().validation());
        assertEquals(0, report.data().test());
        assertEquals(6, report.test().images());

        // A label that would only be validated cannot be learned.
        Files.createDirectories(split.resolve("val/screw"));
        for (int i = 0; i < 4; i++) {
            Files.copy(split.resolve("val/nut/0.png"), split.resolve("val/screw/" + i + ".png"));
        }
        var refused =
                assertThrows(FieldfareException.class, () -> retrain(TestModels.shipped(), split, "out", SETTINGS));
        assertTrue(refused.getMessage().contains("'screw' has no picture to train on"), refused.getMessage());
    }

    /** Nothing of a failed run stays, and the model in use is as it was. */
    @Test
    void aFailedRunLeavesTheModelInUse() throws IOException {
        retrain("out", with(Map.of("epochs", 1)));
        List<String> before = files("out");
        byte[] inUse = model("out");
        Path few = folder.resolve("few");
        SimulatedPictures.write(few, 3);
        var refused = assertThrows(FieldfareException.class, () -> retrain(TestModels.shipped(), few, "out", SETTINGS));
        assertTrue(refused.getMessage().contains("too few pictures of 'cable-tie' (3)"), refused.getMessage());
        assertThrows(FieldfareException.class, () -> retrain("out", with(Map.of("budget", "32M"))));
        assertEquals(before, files("out"));
        assertArrayEquals(inUse, model("out"));
    }

    /** Members of each kind: their number, that they differ, that the file holds one trunk, and that a seed repeats them. */
    @ParameterizedTest
    @ValueSource(strings = {"seeds", "bootstrap", "snapshots"})
    void anEnsembleIsOneFileWithOneTrunk(String by) throws IOException {
        TrainingSettings settings = with(Map.of("ensemble", Map.of("members", 3, "by", by)));
        TrainingReport report = retrain("ensemble", settings);
        assertTrue(report.trainable().startsWith("3 members of last"), report.trainable());
        ClassifierModel model =
                ClassifierModel.open(folder.resolve("ensemble").resolve(ModelStore.MODEL), CardDocument.EMPTY);
        assertEquals(3, model.members().size());
        var graph = model.forOnePicture().graph();
        long convolutions = TestModels.shipped().forOnePicture().graph().nodes().stream()
                .filter(node -> node.is("Conv"))
                .count();
        assertEquals(
                convolutions,
                graph.nodes().stream().filter(node -> node.is("Conv")).count());
        List<float[]> weights = graph.nodes().stream()
                .filter(node -> node.is("Gemm"))
                .map(node -> graph.initializers().get(node.input(1)).floats())
                .toList();
        assertEquals(3, weights.size());
        assertFalse(Arrays.equals(weights.get(0), weights.get(1)));
        assertFalse(Arrays.equals(weights.get(1), weights.get(2)));
        byte[] first = model("ensemble");
        retrain("again", settings);
        assertArrayEquals(first, model("again"));
    }

    /** A member's own settings make it the model that these would train by themselves; the others are as before. */
    @Test
    void membersMayHaveSettingsOfTheirOwn() {
        Map<String, Object> ensemble = Map.of("members", 2, "by", "seeds");
        Map<String, Object> strong = Map.of("regularization", Map.of("l2", 0.5));
        List<float[]> alike = layers(with(Map.of("calibrate", false, "ensemble", ensemble)));
        Map<String, Object> own = new LinkedHashMap<>(ensemble);
        own.put("settings", List.of(Map.of(), strong));
        List<float[]> different = layers(with(Map.of("calibrate", false, "ensemble", own)));
        assertArrayEquals(alike.get(0), different.get(0));
        assertFalse(Arrays.equals(alike.get(1), different.get(1)));
        own.put("settings", List.of(strong));
        List<float[]> first = layers(with(Map.of("calibrate", false, "ensemble", own)));
        Map<String, Object> alone = new LinkedHashMap<>(strong);
        alone.put("calibrate", false);
        assertArrayEquals(layers(with(alone)).getFirst(), first.getFirst());
    }

    /** The weights of the last layers of a new model. */
    private List<float[]> layers(TrainingSettings settings) {
        retrain("layers", settings);
        var versions = folder.resolve("layers").resolve("versions").toFile().list();
        String newest = Arrays.stream(versions)
                .filter(name -> name.matches("\\d+"))
                .sorted()
                .toList()
                .getLast();
        var graph = ClassifierModel.open(
                        folder.resolve("layers")
                                .resolve("versions")
                                .resolve(newest)
                                .resolve(ModelStore.MODEL),
                        CardDocument.EMPTY)
                .forOnePicture()
                .graph();
        return graph.nodes().stream()
                .filter(node -> node.is("Gemm"))
                .map(node -> graph.initializers().get(node.input(1)).floats())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', textBlock = """
        "members: 2, settings: [{train: all}]"; train cannot be another for one member
        "members: 2, settings: [{suffix: {inputs: fresh}}]"; suffix.inputs cannot be another for one member
        "members: 1, settings: [{}, {}]"; has 2 entries, but there are 1 members
        "members: 2, by: snapshots, settings: [{}]"; snapshots are of one run
        """)
    void whatMembersCannotHaveOfTheirOwn(String ensemble, String words) {
        FieldfareException wrong = assertThrows(
                FieldfareException.class,
                () -> StrictYaml.parse("ensemble: {" + ensemble + "}", TrainingSettings.DEFAULT, "test"));
        assertTrue(wrong.getMessage().contains(words), wrong.getMessage());
    }

    /** One network as small as a member, of their mean weights. */
    @Test
    void meanWeightsAreOneNetwork() {
        TrainingReport members = retrain("members", with(Map.of("ensemble", Map.of("members", 3, "by", "seeds"))));
        retrain("mean", with(Map.of("ensemble", Map.of("members", 3, "by", "seeds", "combine", "weights"))));
        assertTrue(members.promoted());
        ClassifierModel several =
                ClassifierModel.open(folder.resolve("members").resolve(ModelStore.MODEL), CardDocument.EMPTY);
        ClassifierModel one =
                ClassifierModel.open(folder.resolve("mean").resolve(ModelStore.MODEL), CardDocument.EMPTY);
        assertEquals(0, one.members().size());
        var graph = several.forOnePicture().graph();
        float[] mean = null;
        for (var node : graph.nodes()) {
            if (node.is("Gemm")) {
                float[] weight = graph.initializers().get(node.input(1)).floats();
                mean = mean == null ? new float[weight.length] : mean;
                for (int i = 0; i < weight.length; i++) {
                    mean[i] += weight[i] / 3;
                }
            }
        }
        assertArrayEquals(
                mean,
                one.forOnePicture()
                        .graph()
                        .initializers()
                        .get("classifier.weight")
                        .floats(),
                1e-5f);
    }

    /** What cannot be averaged over in the end is refused before anything is trained. */
    @ParameterizedTest
    @ValueSource(strings = {"dropout:5", "members", "fmp:3"})
    void averagesOfWhatWillNotBeThereAreRefusedAtOnce(String average) {
        var refused = assertThrows(FieldfareException.class, () -> retrain("none", with(Map.of("average", average))));
        assertTrue(refused.getMessage().startsWith("average: " + average), refused.getMessage());
        assertTrue(Files.notExists(folder.resolve("none/versions/0001")));
    }

    /** Dropout before the last layer goes with that layer: what retrains the model without it cannot sample it. */
    @Test
    void dropoutGoesWithTheLayerThatItStandsBefore() {
        retrain("dropping", with(Map.of("noise", Map.of("dropout", 0.3))));
        ClassifierModel parent =
                ClassifierModel.open(folder.resolve("dropping").resolve(ModelStore.MODEL), CardDocument.EMPTY);
        var refused = assertThrows(
                FieldfareException.class, () -> retrain(parent, data, "none", with(Map.of("average", "dropout:5"))));
        assertTrue(refused.getMessage().startsWith("average: dropout:5"), refused.getMessage());
    }
}

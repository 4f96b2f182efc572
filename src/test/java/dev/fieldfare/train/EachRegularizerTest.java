package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TextNetwork;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is there to keep a network from learning by heart acts when the configuration file asks for it, alone and with
 * all the others, and at zero leaves every weight as it is, to the bit: in whole retrainings of a small network.
 */
class EachRegularizerTest {
    /** Where each is set, and to what: one line for each noise and each number of {@code regularization} and {@code noise}. */
    private static final Map<String, Double> CASES = new LinkedHashMap<>();

    static {
        CASES.put("augment.strengths.crop", 0.5);
        CASES.put("augment.strengths.resizedCrop", 0.5);
        CASES.put("augment.strengths.rotate", 30.0);
        CASES.put("augment.strengths.flip", 0.5);
        CASES.put("augment.strengths.colour", 0.4);
        CASES.put("augment.strengths.cutout", 0.5);
        CASES.put("augment.strengths.mixup", 1.0);
        CASES.put("augment.strengths.cutmix", 1.0);
        CASES.put("augment.strengths.featureMixup", 1.0);
        CASES.put("regularization.l2", 0.1);
        CASES.put("regularization.l1", 0.01);
        CASES.put("regularization.weightDecay", 0.1);
        CASES.put("regularization.maxNorm", 0.5);
        CASES.put("noise.dropout", 0.5);
        CASES.put("noise.dropConnect", 0.3);
        CASES.put("noise.stochasticDepth", 0.5);
        CASES.put("regularization.labelSmoothing", 0.2);
        CASES.put("suffix.l2", 0.1);
        CASES.put("earlyStopping.patience", 1.0);
    }

    /** None of them. */
    private static final TrainingSettings PLAIN = StrictYaml.parse("""
        train: from:c
        epochs: 6
        threads: 1
        batch: 4
        average: none
        optimizer: {learningRate: 0.3, warmUpEpochs: 0}
        suffix: {start: zero, inputs: fresh, learningRate: 0.02, epochs: 6}
        regularization: {l2: 0}
        augment: {views: 1, plain: 0.2, strengths: {crop: 0, flip: 0}}
        split: {by: picture, validation: 0.3, test: 0.2}
        earlyStopping: {patience: 0, refit: false}
        """, TrainingSettings.DEFAULT, "plain");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    /** What comes of a retraining: its constants, and after how many epochs. */
    private record Result(Map<String, TensorData> constants, int epochs) {}

    private static Result plain = new Result(Map.of(), 0);

    @BeforeAll
    static void train(@TempDir Path first) throws IOException {
        for (int label = 0; label < 3; label++) {
            Path ofLabel = Files.createDirectories(shared.resolve("data").resolve("label" + label));
            for (int i = 0; i < 8; i++) {
                RandomGenerator random = new Seed(label).generator("picture", i);
                byte[] rgb = new byte[3 * 12 * 12];
                random.nextBytes(rgb);
                PictureWriter.writePng(new Picture(12, 12, rgb), ofLabel.resolve(i + ".png"));
            }
        }
        TextNetwork.classifier(
                "a conv3:4 x; b relu a; c conv3:4 b; d relu c; s conv3:4 d; r add s d; e gap r; f flatten e; g gemm:2"
                        + " f",
                shared.resolve("text.onnx"));
        plain = retrain(first, PLAIN);
    }

    private static Result retrain(Path folder, TrainingSettings settings) {
        ClassifierModel model = ClassifierModel.open(shared.resolve("text.onnx"), CardDocument.EMPTY);
        try (ModelStore store = ModelStore.open(folder)) {
            TrainingReport report = new Retraining(
                            model,
                            shared.resolve("data"),
                            store,
                            settings,
                            "fieldfare test",
                            InstantSource.system(),
                            Progress.SILENT)
                    .run();
            return new Result(
                    OnnxFile.read(folder.resolve(ModelStore.MODEL)).graph().initializers(),
                    report.epochs().size());
        }
    }

    private static TrainingSettings with(TrainingSettings settings, String key, double value) {
        Object nested = key.equals("earlyStopping.patience") ? (Object) (int) value : (Object) value;
        List<String> steps = List.of(key.split("\\.")).reversed();
        for (String step : steps) {
            nested = Map.of(step, nested);
        }
        @SuppressWarnings("unchecked") // wrapped at least once
        Map<String, Object> document = (Map<String, Object>) nested;
        return StrictYaml.override(settings, document, key);
    }

    static Set<String> cases() {
        return CASES.keySet();
    }

    @Test
    void everyNoiseAndEveryPenaltyHasACase() {
        Set<String> missing = new TreeSet<>(Noises.table().keySet());
        // What makes members differ does nothing to a single model; ensembles are trained in RetrainingTest.
        missing.removeIf(name -> Noises.table().get(name).apply(0) instanceof Noise.OnMember);
        for (Object settings : List.of(TrainingSettings.DEFAULT.regularization(), TrainingSettings.DEFAULT.noise())) {
            StrictYaml.toMap(settings).forEach((key, value) -> {
                if (value instanceof Number) {
                    missing.add(key);
                }
            });
        }
        CASES.keySet().forEach(key -> missing.remove(key.substring(key.lastIndexOf('.') + 1)));
        assertEquals(Set.of(), missing, "give each a line in the cases");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void acts(String key) {
        assertNotEquals(plain, retrain(folder, with(PLAIN, key, CASES.get(key))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void doesNothingAtZero(String key) {
        assertEquals(plain, retrain(folder, with(PLAIN, key, 0)));
    }

    /** Where inputs are cached, also for the last layer alone, features are mixed as they are read. */
    @ParameterizedTest
    @ValueSource(strings = {"{train: last}", "{suffix: {inputs: cached}}"})
    void cachedFeaturesAreMixed(String yaml) {
        TrainingSettings cached = StrictYaml.parse(yaml, PLAIN, yaml);
        String key = "augment.strengths.featureMixup";
        Result unmixed = retrain(folder.resolve("unmixed"), cached);
        assertEquals(unmixed, retrain(folder.resolve("zero"), with(cached, key, 0)));
        assertNotEquals(unmixed, retrain(folder.resolve("mixed"), with(cached, key, 1)));
    }

    /** All at once, each of them can be felt; and the same seed gives the same weights. */
    @Test
    void allTogether() {
        TrainingSettings all = PLAIN;
        for (Map.Entry<String, Double> each : CASES.entrySet()) {
            all = with(all, each.getKey(), each.getValue());
        }
        Result once = retrain(folder.resolve("once"), all);
        assertEquals(once, retrain(folder.resolve("again"), all));
        for (String key : CASES.keySet()) {
            // What is cropped by area is not cropped by zoom, too; and training may end by itself.
            if (!key.endsWith(".crop") && !key.startsWith("earlyStopping")) {
                assertNotEquals(once, retrain(folder.resolve(key), with(all, key, 0)), "without " + key);
            }
        }
        assertTrue(once.epochs() > 0);
    }
}

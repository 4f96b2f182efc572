package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestData;
import dev.fieldfare.TestModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands as scripts see them: fields of the JSON, nothing else on standard output, exit statuses. */
class CommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String model = "";

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 6);
    }

    @BeforeEach
    void needsTheShippedModel() {
        model = TestModels.shippedFile().toString();
    }

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words.toArray(String[]::new));
    }

    /** Exactly one document and nothing else. */
    private JsonNode json(Object... arguments) throws JsonProcessingException {
        assertEquals(0, run(arguments), err.toString());
        return JSON.readTree(out.toString());
    }

    private static void has(JsonNode document, String... fields) {
        for (String field : fields) {
            assertTrue(document.has(field), field + " is missing in " + document);
        }
    }

    private void failed(int status, String sentence, Object... arguments) {
        assertEquals(status, run(arguments), err.toString());
        assertEquals("", out.toString());
        String last = err.toString().lines().reduce("", (before, line) -> line);
        assertTrue(last.startsWith("fieldfare: " + sentence), err.toString());
        assertFalse(err.toString().contains("a mistake in Fieldfare"), err.toString());
    }

    @Test
    void classifyPrintsADocumentALine() throws IOException {
        assertEquals(0, run("classify", "-m", model, "--json", "--average", "crops:5+flip", data.resolve("nut")));
        List<String> lines = out.toString().lines().toList();
        assertEquals(6, lines.size());
        for (int i = 0; i < 6; i++) {
            JsonNode document = JSON.readTree(lines.get(i));
            has(document, "label", "entropy", "millis");
            assertEquals(
                    data.resolve("nut/" + i + ".png").toString(),
                    document.get("source").asText());
            assertEquals(10, document.get("samples").asInt());
            assertEquals(5, document.get("top").size());
            assertEquals(document.get("label"), document.get("top").get(0).get("label"));
            assertEquals(document.get("probability"), document.get("top").get(0).get("probability"));
            assertTrue(document.get("mutualInformation").asDouble() > 0, "ten looks differ");
            assertFalse(document.get("unknown").asBoolean());
            assertTrue(document.get("distance").isNull(), "this model cannot say");
        }
    }

    @Test
    void classifySaysThatItDoesNotKnow() throws IOException {
        Path picture = data.resolve("nut/0.png");
        assertEquals(0, run("classify", "-m", model, "--json", "--unknown-below", "1", picture), err.toString());
        JsonNode document = JSON.readTree(out.toString());
        assertTrue(document.get("unknown").asBoolean());
        assertNotEquals("unknown", document.get("label").asText());
        assertEquals(0, run("classify", "-m", model, "--unknown-below", "1", picture), err.toString());
        assertTrue(
                out.toString().matches("(?s).*0.png: unknown {2}\\(nearest: \\S+ [\\d.]+ %, not sure enough\\)\\s*"),
                out.toString());
        assertEquals(1, run("classify", "-m", model, "--unknown-beyond", "1", picture));
        assertTrue(err.toString().contains("cannot tell how far"), err.toString());
    }

    @Test
    void classifyTakesFoldersPicturesAndTheSimulatedCamera() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.png"), "nothing");
        Object[] sources = {data.resolve("nut"), data.resolve("washer/0.png"), folder, "simulated:day"};
        assertEquals(
                0,
                run("classify", "-m", model, "--frames", "2", sources[0], sources[1], sources[2], sources[3]),
                err.toString());
        assertEquals(6 + 1 + 2, out.toString().lines().count(), out.toString());
        assertTrue(err.toString().contains("skipped: ") && err.toString().contains(broken.toString()), err.toString());
    }

    @Test
    void classifyTakesCamerasAndVideos() throws IOException {
        Path loop = data.resolve("nut");
        assertEquals(0, run("classify", "-m", model, "--json", "-n", "3", "loop:" + loop), err.toString());
        List<String> lines = out.toString().lines().toList();
        assertEquals(3, lines.size());
        for (int i = 0; i < 3; i++) {
            JsonNode document = JSON.readTree(lines.get(i));
            assertEquals("loop:" + loop, document.get("source").asText());
            assertEquals(i, document.get("frame").asInt());
        }
        Path film = Files.writeString(folder.resolve("film.mp4"), "no film");
        failed(1, film + ": ", "classify", "-m", model, film);
        failed(1, "camera pi:front: ", "classify", "-m", model, "pi:front");
    }

    @Test
    void evaluateMeasures() throws IOException {
        Path known = folder.resolve("data");
        for (String label : List.of("cat", "ship")) {
            Files.createDirectories(known.resolve(label));
            Files.copy(data.resolve("nut/0.png"), known.resolve(label + "/0.png"));
        }
        JsonNode document = json("evaluate", "-m", model, "-d", known, "--json");
        has(document, "images", "accuracy", "loss", "ece", "perClass", "confusion", "labels", "averaging", "seconds");
        assertEquals(2, document.get("images").asInt());
        assertEquals("crops:5,until:0.99", document.get("averaging").asText());
        assertEquals(10, document.get("labels").size());
        assertEquals(0, run("evaluate", "-m", model, "-d", known));
        assertTrue(out.toString().contains(" of 2 pictures right"), out.toString());
    }

    @Test
    void evaluateNamesALabelThatTheModelDoesNotKnow() {
        failed(
                1,
                "the model does not know the label 'cable-tie' of " + data + ". It knows 10: airplane, automobile",
                "evaluate",
                "-m",
                model,
                "-d",
                data);
    }

    @Test
    void planSaysWhatFits() throws IOException {
        JsonNode options = json("plan", "-m", model, "--classes", 5, "--json").get("options");
        List<JsonNode> chosen = new ArrayList<>();
        for (JsonNode option : options) {
            has(option, "from", "parameters", "plannedBytes", "imagesPerSecond", "fits", "chosen");
            assertTrue(option.get("fits").asBoolean()
                    && option.get("imagesPerSecond").asDouble() > 0);
            if (option.get("chosen").asBoolean()) {
                chosen.add(option);
            }
        }
        assertEquals(1, chosen.size());
        assertEquals("last", options.get(0).get("from").asText());
        assertEquals("all", options.get(options.size() - 1).get("from").asText());
        // A plan is a question: that nothing fits is an answer, no failure.
        JsonNode tight = json("plan", "-m", model, "--classes", 5, "--budget", "16M", "--json")
                .get("options")
                .get(0);
        assertFalse(tight.get("fits").asBoolean() || tight.get("chosen").asBoolean());
    }

    @Test
    void benchMeasuresForAsLongAsItIsTold() throws IOException {
        JsonNode speed =
                json("bench", "-m", model, "--train", "last", "--threads", 1, "--batch", 4, "--seconds", 0.1, "--json");
        assertEquals(
                List.of("last", 4, 1),
                List.of(
                        speed.get("train").asText(),
                        speed.get("batch").asInt(),
                        speed.get("workers").asInt()));
        assertTrue(speed.get("looksPerSecond").asDouble() > 0
                && speed.get("imagesPerSecond").asDouble() > 0);
        assertTrue(speed.get("plannedBytes").asLong() > 0);
        failed(2, "--seconds must be 0.1 to 600, not 0", "bench", "-m", model, "--seconds", "0");
    }

    @Test
    void retrainReports() throws IOException {
        Path output = folder.resolve("out");
        Path config = Files.writeString(folder.resolve("config.yaml"), "epochs: 50\naugment: {views: 1}\n");
        JsonNode document = json(
                "retrain", "-m", model, "-d", data, "-o", output, "-c", config, "--epochs", 3, "--seed", 5, "--json");
        has(
                document,
                "version",
                "model",
                "labels",
                "trainable",
                "memory",
                "epochs",
                "stopped",
                "best",
                "promoted",
                "reason",
                "seconds",
                "seed");
        has(document.get("memory"), "budgetBytes", "plannedBytes", "peakBytes");
        assertEquals(3, document.get("epochs").size(), "options win over the file");
        assertEquals(5, document.get("seed").asInt());
        assertEquals(1, document.get("settings").get("augment").get("views").asInt());
        assertEquals(document, JSON.readTree(output.resolve("report.json").toFile()));
        assertTrue(err.toString().startsWith("plan: "), err.toString());

        // One file is enough: the new model knows its labels and how pictures are prepared.
        JsonNode shown = json("models", "show", "-m", output.resolve("model.onnx"), "--json");
        has(shown, "model", "classifier", "labels", "preprocessing", "output", "provenance");
        assertEquals(document.get("labels"), shown.get("labels"));
        assertEquals("", err.toString(), "nothing had to be assumed");
    }

    @Test
    void modelsShowSpeaksToPeopleToo() {
        assertEquals(0, run("models", "show", "-m", model));
        assertTrue(
                out.toString().contains("classifier: ") && out.toString().contains("labels: [airplane"),
                out.toString());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "epoch: 3";                      "line 1: there is no key 'epoch'; did you mean 'epochs'? The keys here are: "
        "optimizer:\\n  learnRate: 1";   "line 2: there is no key 'optimizer.learnRate'; did you mean 'learningRate'?"
        "seed: 1\\nepochs: 0";           "line 2: epochs must be between 1 and 10000, not 0"
        "budget: lots";                  "line 1: budget: 'lots' is no size of memory"
        "augment: {strengths: {crop: 9}}"; "line 1, key 'augment': crop must be between 0.0 and 3.0, not 9.0"
        "augment: {strengths: {dropout: 1}}"; "line 1: augment.strengths: 'dropout' does not change pictures"
        "average: crop:5";               "line 1: average crop:5: 'crop:5' is not a source of looks"
        """)
    void aSlipInTheConfigurationIsNamedWithItsLine(String yaml, String message) throws IOException {
        Path config = Files.writeString(folder.resolve("config.yaml"), yaml.replace("\\n", "\n"));
        Path output = folder.resolve("out");
        failed(1, config + ", " + message, "retrain", "-m", model, "-d", data, "-o", output, "-c", config);
        assertFalse(Files.exists(output), "nothing is made before the settings are right");
    }

    @Test
    void wrongUseExitsWith2() {
        failed(2, "Missing required option: '--data=FOLDER'; 'fieldfare evaluate --help'", "evaluate", "-m", model);
        failed(2, "Missing required parameter: 'SOURCE'", "classify", "-m", model);
        failed(2, "Invalid value for option '--classes': 'x' is not an int", "plan", "-m", model, "--classes", "x");
        for (int threads : new int[] {-1, 0, 65, 100_000}) {
            failed(
                    2,
                    "--threads must be between 1 and 64, not " + threads,
                    "classify",
                    "-m",
                    model,
                    "--threads",
                    threads,
                    data);
        }
        failed(
                2,
                "the options: budget: 64 means 64 bytes, in which no program fits; write the unit, as in" + " 192M",
                "plan",
                "-m",
                model,
                "--classes",
                2,
                "--budget",
                64);
        failed(2, "--classes must be at least 2, not 1", "plan", "-m", model, "--classes", 1);
        failed(2, "--pictures must be at least 1, not 0", "plan", "-m", model, "--classes", 2, "--pictures", 0);
        failed(2, "a command is missing", "models");
    }

    @Test
    void failedWorkExitsWith1() {
        failed(
                1,
                "there is no camera, folder or file 'nowhere.jpg'; there are ",
                "classify",
                "-m",
                model,
                "nowhere.jpg");
        failed(1, "none of the sources held a picture", "classify", "-m", model, folder);
        failed(1, "there is no model file nowhere.onnx; check the path", "classify", "-m", "nowhere.onnx", data);
        failed(1, "average crop: 'crop' is not a source of looks", "classify", "-m", model, "--average", "crop", data);
        failed(1, "there is no simulated bench 'night'", "classify", "-m", model, "simulated:night");
        failed(1, "input.crop must be a number of 0.01 to 1, but is 2.0", "classify", "-m", model, "--crop", 2, data);
        failed(1, "there is no folder ", "evaluate", "-m", model, "-d", folder.resolve("nowhere"));
        failed(
                1,
                "a budget of 16M is too small for cifar10-64.onnx",
                "retrain",
                "-m",
                model,
                "-d",
                data,
                "-o",
                folder.resolve("out"),
                "--budget",
                "16M");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        html-page-named-mobilenetv2-7.onnx;               " is a web page, not a model"
        git-lfs-pointer.onnx;                             " is a Git LFS pointer"
        external-data-missing-mobilenet_v2_fp32.onnx;     "which is missing"
        invalid-squeeze-opset8-mnist-8-opt.onnx;          "the file is damaged"
        """)
    void badModelsAreSaidWhatTheyAre(String file, String sentence) {
        Path bad = TestData.path("robust/models-bad/" + file);
        assertEquals(1, run("classify", "-m", bad, data));
        assertEquals("", out.toString());
        assertTrue(err.toString().contains(sentence) && err.toString().contains(file), err.toString());
        assertFalse(err.toString().contains("a mistake in Fieldfare"), err.toString());
    }
}

package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fieldfare tune} as scripts and people see it. */
class TuneCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void takePictures() throws IOException {
        TestModels.shippedFile();
        SimulatedPictures.write(data, 8);
    }

    @BeforeEach
    void needsTheShippedModel() {
        TestModels.shippedFile();
    }

    private int tune(Object... more) {
        List<String> words = new ArrayList<>(List.of(
                "tune",
                "-m",
                TestModels.shippedFile().toString(),
                "-d",
                data.toString(),
                "--epochs",
                "6",
                "--threads",
                "1"));
        words.addAll(List.of("-o", folder.resolve("out").toString(), "--train", "last", "--average", "none"));
        for (Object word : more) {
            words.add(word.toString());
        }
        return run(words);
    }

    private int run(List<String> words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words.toArray(String[]::new));
    }

    private Path ranges(String yaml) throws IOException {
        return Files.writeString(folder.resolve("ranges.yaml"), yaml);
    }

    private static List<String> texts(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(node -> node.get(field).asText())
                .toList();
    }

    private void failed(int status, String... words) {
        assertEquals("", out.toString());
        String said = err.toString();
        for (String word : words) {
            assertTrue(said.contains(word), word + " is not in " + said);
        }
        assertFalse(said.contains("a mistake in Fieldfare"), said);
        assertFalse(Files.exists(folder.resolve("out/model.onnx")), "status " + status);
    }

    /** Exactly one document; the table of trials goes to standard error. */
    @Test
    void oneJsonDocument() throws IOException {
        Path ranges = ranges("""
            folds: 2
            repeats: 1
            rounds: 0
            ranges:
              optimizer.learningRate: {from: 0.001, to: 0.1, scale: log}
              noise.dropout: [0, 0.5]
            """);
        assertEquals(0, tune("--ranges", ranges, "--trials", "3", "--json"), err.toString());
        JsonNode document = JSON.readTree(out.toString());
        assertEquals(List.of("1", "2", "3", "4", "5", "6", "7"), texts(document.get("steps"), "number"));
        JsonNode trials = document.get("trials");
        assertEquals(4, texts(trials, "candidate").stream().distinct().count(), "three, and what was there before");
        for (JsonNode trial : trials) {
            if (trial.get("candidate").asInt() > 0) {
                double rate = trial.get("values").get("optimizer.learningRate").asDouble();
                assertTrue(rate >= 0.001 && rate <= 0.1, trial.toString());
                assertTrue(
                        List.of(0.0, 0.5)
                                .contains(
                                        trial.get("values").get("noise.dropout").asDouble()),
                        trial.toString());
            }
        }
        JsonNode best = document.get("best");
        for (String field : List.of("settings", "validationLoss", "images", "right", "rightBefore", "interval")) {
            assertTrue(best.has(field), field + " is missing in " + best);
        }
        assertTrue(document.get("training").get("promoted").asBoolean());
        for (String file :
                List.of("best.yaml", "trials.csv", "tuning.json", "model.onnx", "report.html", "report.json")) {
            assertTrue(Files.isRegularFile(folder.resolve("out").resolve(file)), file);
        }
        assertEquals(
                document.get("trials"),
                JSON.readTree(folder.resolve("out/tuning.json").toFile()).get("trials"));
    }

    @Test
    void sentencesForPeople() {
        assertEquals(0, tune("--trials", "2", "--search", "grid"), err.toString());
        List<String> lines = out.toString().lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.contains("pictures that no trial saw")), out.toString());
        assertTrue(lines.contains("settings: " + folder.resolve("out/best.yaml") + ", for retrain -c"), out.toString());
        assertTrue(lines.contains("trials: " + folder.resolve("out/trials.csv")), out.toString());
        String said = err.toString();
        assertTrue(said.contains("1. initial loss") && said.contains("4. coarse search, grid"), said);
        assertTrue(said.contains("as before"), "a row for what was there before: " + said);
    }

    /** What came out goes into retrain as it is. */
    @Test
    void retrainTakesWhatCameOut() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "optimizer: {learningRate: 0.000001}\n");
        assertEquals(0, tune("--trials", "2", "-c", bad), err.toString());
        Path best = folder.resolve("out/best.yaml");
        assertTrue(Files.readString(best).contains("optimizer:\n  learningRate: "), Files.readString(best));
        List<String> words = List.of(
                "retrain",
                "-m",
                TestModels.shippedFile().toString(),
                "-d",
                data.toString(),
                "-o",
                folder.resolve("again").toString(),
                "-c",
                best.toString(),
                "--threads",
                "1",
                "--average",
                "none");
        assertEquals(0, run(words), err.toString());
        assertTrue(Files.isRegularFile(folder.resolve("again/model.onnx")));
    }

    @Test
    void wrongUseIsRefused() throws IOException {
        assertEquals(2, tune("--search", "both"));
        failed(2, "--search", "both");
        assertEquals(2, run(List.of("tune", "-m", "model.onnx", "-o", "out")));
        failed(2, "--data");
        assertEquals(1, tune("--trials", "-1"));
        failed(1, "trials must be from 0 to 10000, not -1");
        assertEquals(1, tune("--ranges", ranges("fold: 3\n")));
        failed(1, "ranges.yaml, line 1", "fold", "folds");
        assertEquals(1, tune("--ranges", ranges("ranges: {split.test: [0.1, 0.2]}\n")));
        failed(1, "ranges.split.test cannot be searched: all trials are measured on the same pictures");
    }
}

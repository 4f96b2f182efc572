package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {
    @TempDir
    Path folder;

    private static List<String> fields(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> words(String names) {
        return List.of(names.split(" "));
    }

    /** The names are a contract: scripts rely on them. */
    @Test
    void jsonHasTheFieldsOfTheContractInOrder() throws Exception {
        JsonNode json = new JsonMapper().readTree(ReportFile.json(new SampleReport().report()));
        assertEquals(
                words("version model parent labels trainable parameters memory data epochs stopped best test"
                        + " testAveraged incumbent comparison promoted reason calibration unknown mistakes settings"
                        + " seconds seed"),
                fields(json));
        assertEquals(words("budgetBytes plannedBytes peakBytes items"), fields(json.get("memory")));
        assertEquals(words("name bytes why"), fields(json.at("/memory/items/0")));
        assertEquals(
                words("folder images train validation test sessions nearDuplicates skipped split"),
                fields(json.get("data")));
        assertEquals(words("file reason"), fields(json.at("/data/skipped/0")));
        assertEquals(
                words("epoch learningRate trainLoss trainAccuracy validationLoss validationAccuracy seconds"),
                fields(json.at("/epochs/0")));
        assertEquals(words("epoch validationLoss validationAccuracy"), fields(json.get("best")));
        List<String> evaluation = words("labels images accuracy accuracyInterval top5 loss ece reliability perClass"
                + " confusion averaging samples temperature unknown");
        assertEquals(evaluation, fields(json.get("test")));
        assertEquals(evaluation, fields(json.get("testAveraged")));
        assertEquals(evaluation, fields(json.get("incumbent")));
        assertEquals(words("label images precision recall f1"), fields(json.at("/test/perClass/0")));
        assertEquals(words("low high"), fields(json.at("/test/accuracyInterval")));
        assertEquals(words("from to images confidence accuracy"), fields(json.at("/test/reliability/0")));
        assertEquals(words("temperature single averaged whyNot"), fields(json.get("calibration")));
        assertEquals(
                words("averaging temperature images lossBefore lossAfter eceBefore eceAfter"),
                fields(json.at("/calibration/single")));
        assertEquals(words("file truth predicted probability"), fields(json.at("/mistakes/0")));
        assertEquals(words("optimizer learningRate batch views labelSmoothing"), fields(json.get("settings")));
        assertEquals(
                words("images oldAccuracy newAccuracy oldLoss newLoss onlyOldRight onlyNewRight difference p"),
                fields(json.get("comparison")));
        assertEquals(20260101, json.get("seed").asLong());
        assertEquals("crops:5+flip", json.at("/testAveraged/averaging").asText());
        assertTrue(json.get("promoted").isBoolean());
    }

    @Test
    void whatThereIsNotIsNull() throws Exception {
        var sample = new SampleReport();
        sample.incumbent = false;
        sample.averaged = false;
        sample.labels = List.of("full", "empty");
        JsonNode json = new JsonMapper().readTree(ReportFile.json(sample.report()));
        for (String path : List.of("/testAveraged", "/incumbent", "/comparison", "/test/top5")) {
            assertTrue(json.at(path).isNull(), path);
        }
    }

    @Test
    void sameReportSameBytes() {
        TrainingReport report = new SampleReport().report();
        assertEquals(ReportFile.json(report), ReportFile.json(new SampleReport().report()));
        assertEquals(
                ReportPage.html(report, SampleReport.thumbnails(report)),
                ReportPage.html(new SampleReport().report(), SampleReport.thumbnails(report)));
    }

    @Test
    void bothFilesAndNothingElseAreWritten() throws Exception {
        TrainingReport report = new SampleReport().report();
        Path there = folder.resolve("new/folder");
        ReportFile.write(there, report, Map.of());
        Files.writeString(there.resolve("report.json"), "an older report");
        ReportFile.write(there, report, Map.of());
        try (Stream<Path> files = Files.list(there)) {
            assertEquals(
                    List.of("report.html", "report.json"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(ReportFile.json(report), Files.readString(there.resolve("report.json")));
        assertEquals(ReportPage.html(report, Map.of()), Files.readString(there.resolve("report.html")));
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("taken"), "a file, where a folder is wanted");
        TrainingReport report = new SampleReport().report();
        var e = assertThrows(FieldfareException.class, () -> ReportFile.write(file, report, Map.of()));
        assertTrue(e.getMessage().contains("report.json"), e.getMessage());
        assertTrue(e.getMessage().contains("taken"), e.getMessage());
        assertFalse(Files.isDirectory(file));
    }
}

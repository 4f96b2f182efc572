package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigChangeTest {
    private static final String RUNNING = """
        cameras:
          front: {source: usb, width: 640}
        classifiers:
          parts: {decision: {confidence: 0.7}}
        lights:
          - {pin: GPIO17}
        """;

    @TempDir
    Path folder;

    private ConfigChange change(String from, String to) throws IOException {
        assertTrue(RUNNING.contains(from), from);
        return ConfigChange.of(read(RUNNING), read(RUNNING.replace(from, to)));
    }

    private DeviceConfig read(String text) throws IOException {
        return DeviceConfig.read(Files.writeString(folder.resolve("device.yaml"), text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "width: 640; width: 320; cameras.front.width",
                "lights:; name: other|lights:; name",
                "pin: GPIO17; pin: GPIO27; lights",
                "decision: {confidence: 0.7}; model: other.onnx; classifiers.parts.model",
                "front: {source: usb, width: 640}; back: {source: pi}; classifiers.parts.camera, cameras.front,"
                        + " cameras.back",
            })
    void theRestIsNamed(String from, String to, String keys) throws IOException {
        ConfigChange change = change(from, to.replace("|", "\n"));
        assertEquals(
                List.of(keys.split(", ")).stream().sorted().toList(),
                change.later().stream().sorted().toList());
        assertTrue(change.inWords().contains(change.later().getFirst()), change.inWords());
    }

    @Test
    void decisionsCollectingAndRetrainingHoldAtOnce() throws IOException {
        ConfigChange change = change(
                "decision: {confidence: 0.7}",
                "looksPerSecond: 2, labels: [nut], decision: {frames: 1, of: 1}, collect: {burst: 3},"
                        + " retrain: {hot: 70, training: {budget: 200M}}");
        assertEquals(List.of(), change.later());
        ClassifierSettings now = change.now().classifiers().get("parts");
        assertEquals(new DecisionSettings(0.6, 0.4, 1, 1), now.decision());
        assertEquals("200M", now.retrain().training().budget());
        assertTrue(change.inWords().endsWith("all of it holds from now on"), change.inWords());
    }
}

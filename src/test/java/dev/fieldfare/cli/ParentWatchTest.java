package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.service.TrainingParent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ParentWatchTest {
    @TempDir
    Path folder;

    /** A training that would go on for hours ends with the device that started it, and leaves no model in use. */
    @Test
    void aTrainingEndsWithItsDevice() throws IOException, InterruptedException {
        SimulatedPictures.write(folder.resolve("pictures"), 12);
        Path settings = Files.writeString(
                folder.resolve("long.yaml"), "{train: last, epochs: 10000, earlyStopping: {patience: 0}}");
        Process device = new ProcessBuilder("sleep", "100").start();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "retrain",
                        "-m",
                        TestModels.shippedFile().toString(),
                        "-d",
                        folder.resolve("pictures").toString(),
                        "-o",
                        folder.resolve("models").toString(),
                        "-c",
                        settings.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("words").toFile());
        builder.environment().put(TrainingParent.VARIABLE, Long.toString(device.pid()));
        Process training = builder.start();
        for (int i = 0; i < 1000 && !Files.exists(folder.resolve("models/versions/.training/features.f32")); i++) {
            Thread.sleep(20);
        }
        assertTrue(training.isAlive(), Files.readString(folder.resolve("words")));
        device.destroyForcibly();
        assertTrue(training.waitFor(30, TimeUnit.SECONDS), "it goes on");
        assertEquals(1, training.exitValue());
        assertTrue(Files.notExists(folder.resolve("models/model.onnx")));
    }
}

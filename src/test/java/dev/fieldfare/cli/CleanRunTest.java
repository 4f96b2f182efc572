package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fieldfare phones nobody and litters nowhere: a run leaves exactly the files that it was asked for. */
class CleanRunTest {
    @TempDir
    Path world;

    @Test
    void aRunLeavesNothingBehind() throws IOException, InterruptedException {
        Path home = Files.createDirectory(world.resolve("home"));
        Path temporary = Files.createDirectory(world.resolve("tmp"));
        Path current = Files.createDirectory(world.resolve("current"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.home=" + home,
                "-Djava.io.tmpdir=" + temporary,
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                "--enable-native-access=ALL-UNNAMED",
                "-Donnxruntime.native.path=" + System.getProperty("onnxruntime.native.path"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.fieldfare.cli.Main"));
        command.addAll(List.of(
                "classify",
                "--json",
                "-m",
                Path.of("models/cifar10-64.onnx").toAbsolutePath().toString(),
                "--frames",
                "2",
                "simulated:day"));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(current.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("TMPDIR", temporary.toString());
        environment.put("ORT_DISABLE_TELEMETRY", "1");
        environment.remove("XDG_CACHE_HOME");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        assertEquals(
                2, output.lines().filter(line -> line.startsWith("{\"source\"")).count(), output);
        try (Stream<Path> files = Files.walk(world)) {
            assertEquals(
                    List.of(current, home, temporary),
                    files.filter(path -> !path.equals(world)).sorted().toList());
        }
    }
}

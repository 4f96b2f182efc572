package dev.fieldfare.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ten thousand mutations of good files: each gets an answer or a clear refusal, in a process whose heap is small, which a
 * crash of the engine, a hang or a full heap would end. More of them: {@code tools/fuzz --mutations}.
 */
class MutationTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"MODELS, 6000", "PICTURES, 3000", "CONFIGURATIONS, 1000"})
    void mutationsAreAnsweredOrRefused(Target target, int usual) throws IOException, InterruptedException {
        int count = Integer.getInteger("fieldfare.mutations", usual);
        String[] words = show(target, count).split(" ");
        // Neither may everything be refused before anything is looked into, nor anything be taken.
        assertEquals(count, Integer.parseInt(words[0]) + Integer.parseInt(words[2]));
        assertTrue(Integer.parseInt(words[0]) > count / 10, () -> words[0] + " answers");
        assertTrue(Integer.parseInt(words[2]) > count / 10, () -> words[2] + " refusals");
    }

    @Test
    void bombsAreRefusedInLittleMemory() throws IOException, InterruptedException {
        assertEquals("0 answers, 10 refusals, 0 failures", show(Target.BOMBS, 10));
    }

    /** Shows the first inputs to a reader in a process of its own; returns what it says at the end. */
    private String show(Target target, int count) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        // What a process may have for itself; an allocation beyond fails, as it must without any harm.
                        "ulimit -d 3000000 2>/dev/null; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-Xss512k",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Djava.awt.headless=true",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Donnxruntime.native.path=" + System.getProperty("onnxruntime.native.path"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MutationRun.class.getName(),
                        target.name(),
                        "0",
                        String.valueOf(count),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            int status = process.waitFor();
            String said = Files.readString(output);
            assertEquals(0, status, () -> said.substring(0, Math.min(said.length(), 8000)));
            return said.lines().toList().getLast();
        } finally {
            process.destroyForcibly();
        }
    }
}

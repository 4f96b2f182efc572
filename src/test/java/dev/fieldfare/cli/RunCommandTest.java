package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TestModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code run} and its company do without running anything. */
class RunCommandTest {
    private static final Path LAPTOP = Path.of("device-config/laptop.yaml");

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    @Test
    void theSchemaNeedsNoDevice() throws IOException {
        assertEquals(0, run("run", "--schema"), err.toString());
        assertEquals(Files.readString(Path.of("device-config/schema.json")), out.toString());
    }

    @Test
    void allElseNeedsOne() {
        assertEquals(2, run("run", "--check"));
        assertTrue(err.toString().contains("Missing required option: '--config=CONFIG'"), err.toString());
        assertEquals(2, run("status"));
        assertEquals(2, run("tell", "retrain"));
        assertEquals(2, run("capture", "--label", "nut"));
    }

    @Test
    void aGoodFileIsGood() {
        TestModels.shippedFile();
        assertEquals(0, run("run", "--check", "-c", LAPTOP.toString()), err.toString());
        assertTrue(out.toString().contains("is good: cameras front; classifiers things; data in "), out.toString());
    }

    @Test
    void aSlipIsNamedWithFileAndLine() throws IOException {
        Path file = folder.resolve("mine.yaml");
        Files.writeString(file, Files.readString(LAPTOP).replace("simulated:day ", "simulatd:day "));
        assertEquals(1, run("run", "--check", "-c", file.toString()));
        long line = Files.readString(file)
                        .lines()
                        .takeWhile(text -> !text.contains("simulatd:"))
                        .count()
                + 1;
        assertTrue(
                err.toString().contains(file + ", line " + line + ": cameras.front.source: there is no camera"),
                err.toString());
    }
}

package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TestData;
import dev.fieldfare.TestModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All odd pictures and bad models of the test data, and labels that nobody would think of, through the commands. */
class OddDataTest {
    private static final String ODD_LABEL = "<b>\u001b[31m\u202e&\"'\n=";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path data;
    private int pictures;

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] words = Stream.of(arguments).map(String::valueOf).toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    /** The odd pictures by turns in two classes, one of an unheard-of name, and a link that leads back. */
    @BeforeEach
    void linkPictures() throws IOException {
        data = folder.resolve("data");
        List<Path> classes =
                List.of(Files.createDirectories(data.resolve("odd")), Files.createDirectory(data.resolve(ODD_LABEL)));
        List<Path> files;
        try (Stream<Path> all = Files.walk(TestData.path("robust"))) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("models-bad"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = String.format("%03d-%s", pictures, file.getFileName());
            Files.createSymbolicLink(classes.get(pictures++ % 2).resolve(name), file.toAbsolutePath());
        }
        Files.createSymbolicLink(data.resolve("loop"), data);
        Files.createSymbolicLink(classes.getFirst().resolve("zero.jpg"), Path.of("/dev/zero"));
        Files.createFile(classes.getFirst().resolve("\u001b]0;owned\u0007.jpg"));
        assertTrue(pictures > 400, () -> "only " + pictures);
    }

    /** JUnit, which empties the folder, would warn of every link that leads out of it. */
    @AfterEach
    void unlinkPictures() throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            for (Path link : all.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private void assertClear() {
        String said = out.toString() + err;
        assertFalse(said.contains("a mistake in Fieldfare"), said);
        assertFalse(said.contains("\u001b") || said.contains("\u202e") || said.contains("\u0007"), said);
    }

    @Test
    void oddPicturesAreClassifiedOrNamed() {
        int status =
                run("classify", "--json", "-m", TestModels.shippedFile(), "--average", "none", data.resolve("odd"));
        assertClear();
        long answers =
                out.toString().lines().filter(line -> line.startsWith("{")).count();
        assertTrue(answers > pictures / 2 - 40, () -> answers + " answers, status " + status + ": " + err);
        assertTrue(err.toString().contains("Remove it") || err.toString().contains("remove it"), err.toString());
    }

    @Test
    void aModelLearnsFromOddPicturesOfAnOddLabel() throws IOException {
        Path output = folder.resolve("out");
        assertEquals(0, run("plan", "-m", TestModels.shippedFile(), "--classes", 2), () -> err.toString());
        assertClear();
        int status = run(
                "retrain",
                "-m",
                TestModels.shippedFile(),
                "-d",
                data,
                "-o",
                output,
                "--train",
                "last",
                "--epochs",
                "2",
                "--average",
                "none");
        assertClear();
        assertEquals(0, status, () -> err.toString());
        String page = Files.readString(output.resolve("report.html"));
        assertFalse(page.contains("<b>\u001b") || page.contains("\u001b") || page.contains("\u202e"));
        assertTrue(page.contains("&lt;b&gt;"));
        // Whatever it learnt from such data, its labels are the folders', and it can be evaluated where it was
        // promoted.
        Path model =
                Files.exists(output.resolve("model.onnx")) ? output.resolve("model.onnx") : TestModels.shippedFile();
        run("evaluate", "-m", model, "-d", data, "--average", "none");
        assertClear();
    }

    @Test
    void badModelsAreRefusedByEveryCommand() {
        for (Path bad : TestData.list("robust/models-bad", ".onnx")) {
            for (String command : List.of("retrain", "evaluate", "plan")) {
                int status = switch (command) {
                    case "retrain" -> run(command, "-m", bad, "-d", data, "-o", folder.resolve("out"));
                    case "evaluate" -> run(command, "-m", bad, "-d", data);
                    default -> run(command, "-m", bad, "--classes", 2);
                };
                assertEquals(1, status, () -> command + " " + bad + ": " + out + err);
                assertClear();
                assertTrue(err.toString().contains(String.valueOf(bad.getFileName())), err.toString());
            }
        }
    }
}

package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.TestModels;
import dev.fieldfare.TextNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions by the command line: imported, listed, shown, gone back from, exported. */
class ModelsVersionsTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private JsonNode json(String... arguments) throws IOException {
        assertEquals(0, run(arguments), err::toString);
        return JsonMapper.builder().build().readTree(out.toString());
    }

    private static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void fromImportToExport() throws IOException {
        String models = folder.resolve("models").toString();
        Path own = folder.resolve("own.onnx");
        TextNetwork.classifier("a conv3:6 x; b relu a; q gap b; f flatten q; g gemm:4 f", own);
        assertEquals(1, run("models", "list", models));
        assertTrue(err.toString().contains("has no versions of a model"), err.toString());

        JsonNode first =
                json("models", "import", TestModels.shippedFile().toString(), "-o", models, "--crop", "0.5", "--json");
        assertEquals("0001", first.get("version").asText());
        assertEquals(10, first.get("labels").size());
        assertEquals(0, run("models", "import", own.toString(), "-o", models), err::toString);
        assertTrue(err.toString().contains("see --card"), "what had to be assumed is said");

        JsonNode list = json("models", "list", models, "--json");
        assertEquals("0002", list.get("inUse").asText());
        assertEquals(2, list.get("versions").size());
        JsonNode old = list.get("versions").get(0);
        assertEquals(
                "imported from " + TestModels.shippedFile(), old.get("origin").asText());
        assertEquals("", old.get("damage").asText());
        assertTrue(old.get("wasInUse").asBoolean());
        assertTrue(old.get("accuracy").isNull());

        assertEquals(
                "0001",
                json("models", "rollback", models, "--json").get("version").asText());
        assertEquals(0, run("models", "list", models));
        assertTrue(out.toString().startsWith("* 0001 "), out.toString());
        // A folder stands for the model in use, also that of one version.
        assertEquals(
                "0.5",
                json("models", "show", "-m", models, "--json").findValue("crop").asText());
        assertEquals(
                4,
                json("models", "show", "-m", models + "/versions/0002", "--json")
                        .get("labels")
                        .size());
        Path exported = folder.resolve("exported.onnx");
        assertEquals(0, run("models", "export", "-m", models, "-o", exported.toString()), err::toString);
        assertEquals(
                10,
                json("models", "show", "-m", exported.toString(), "--json")
                        .get("labels")
                        .size());

        assertEquals(
                "0002",
                json("models", "rollback", models, "--to", "0002", "--json")
                        .get("version")
                        .asText());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("models/versions/0002/model.onnx")),
                Files.readAllBytes(folder.resolve("models/model.onnx")));
        json("models", "rollback", models, "--json");
        assertTrue(json("models", "rollback", models, "--json").get("version").isNull());
        assertEquals(1, run("models", "rollback", models));
        assertTrue(err.toString().contains("nothing to go back to"), err.toString());
    }

    @Test
    void damageIsToldAndPassedOver() throws IOException {
        Path models = folder.resolve("models");
        String shipped = TestModels.shippedFile().toString();
        assertEquals(0, run("models", "import", shipped, "-o", models.toString()));
        assertEquals(0, run("models", "import", shipped, "-o", models.toString(), "--crop", "0.9"));
        damage(models.resolve("model.onnx"));
        damage(models.resolve("versions/0002/model.onnx"));
        assertEquals(0, run("models", "list", models.toString()));
        assertTrue(out.toString().contains("DAMAGED: model.onnx is not what was written"), out.toString());
        assertTrue(out.toString().contains("is none of these"), out.toString());
        // Whoever only reads is given the version before, and told so.
        assertEquals(0, run("models", "show", "-m", models.toString(), "--json"), err::toString);
        assertTrue(out.toString().contains("versions/0001/model.onnx"), out.toString());
        assertTrue(err.toString().contains("version 0002 in " + models + " is damaged"), err.toString());
        assertEquals(
                1, run("models", "show", "-m", models.resolve("versions/0002").toString()));
        assertEquals(1, run("models", "rollback", models.toString(), "--to", "0002"));
        assertTrue(err.toString().contains("it is damaged"), err.toString());
        assertEquals(1, run("models", "show", "-m", folder.toString()));
        assertTrue(err.toString().contains("is a folder with no model in use"), err.toString());
    }

    @Test
    void oldOnesAreRemovedOnRequest() throws IOException {
        String shipped = TestModels.shippedFile().toString();
        String models = folder.resolve("models").toString();
        for (int i = 0; i < 3; i++) {
            assertEquals(0, run("models", "import", shipped, "-o", models, "--crop", "0." + (5 + i), "--keep", "1"));
        }
        assertTrue(err.toString().contains("removed old versions: 0001"), err.toString());
        assertEquals(2, json("models", "list", models, "--json").get("versions").size());
        assertEquals(2, run("models", "import", shipped, "-o", models, "--keep", "-1"));
    }
}

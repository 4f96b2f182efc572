package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.TestModels;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsExportTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private static float[] logits(Path model, int pictures) {
        int side = TextNetwork.SIDE;
        float[] x = new float[pictures * 3 * side * side];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i % (3 * side * side) * 7.3);
        }
        try (Session session = Session.open(model, SessionSettings.ofThreads(1));
                Tensor input = Tensor.of(x, pictures, 3, side, side);
                Tensor output = Tensor.zeros(pictures, 4)) {
            session.run(Map.of("x", input), Map.of("g", output));
            return output.toArray();
        }
    }

    @Test
    void regionsAreDrawnOnceForAnyNumberOfPictures() throws IOException {
        Path model = folder.resolve("fractional.onnx");
        TextNetwork.classifier("a conv3:6 x; b relu a; p fractional:5 b; q gap p; f flatten q; g gemm:4 f", model);
        Files.writeString(folder.resolve("fractional.yaml"), "labels: [a, b, c, d]\n");
        Path plain = folder.resolve("plain.onnx");
        assertEquals(
                0, run("models", "export", "-m", model.toString(), "-o", plain.toString(), "--json"), err::toString);
        JsonNode document = JsonMapper.builder().build().readTree(out.toString());
        assertEquals(plain.toString(), document.get("model").asText());
        assertTrue(document.get("drawn").asBoolean());
        assertEquals(0, document.get("seed").asInt());

        OnnxModel written = OnnxFile.read(plain);
        assertEquals(java.util.Set.of(""), written.operatorSets().keySet());
        assertTrue(written.metadata().get(ModelCard.METADATA_KEY).contains("\"labels\":[\"a\",\"b\",\"c\",\"d\"]"));
        float[] one = logits(plain, 1);
        float[] three = logits(plain, 3);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(one, Arrays.copyOfRange(three, 4 * i, 4 * i + 4), 1e-6f);
        }
        Path other = folder.resolve("other.onnx");
        assertEquals(0, run("models", "export", "-m", model.toString(), "-o", other.toString(), "--seed", "2"));
        assertTrue(out.toString().contains("regions drawn from seed 2"), out.toString());
        assertFalse(Arrays.equals(one, logits(other, 1)));
    }

    @Test
    void aModelOfStandardOperatorsIsCopiedWithItsCard() {
        Path model = TestModels.shippedFile();
        Path copy = folder.resolve("copy.onnx");
        assertEquals(
                0,
                run("models", "export", "-m", model.toString(), "-o", copy.toString(), "--crop", "0.5"),
                err::toString);
        assertTrue(out.toString().contains("nothing had to be drawn"), out.toString());
        OnnxModel before = OnnxFile.read(model);
        OnnxModel after = OnnxFile.read(copy);
        assertEquals(before.graph(), after.graph());
        assertTrue(after.metadata().get(ModelCard.METADATA_KEY).contains("\"crop\":0.5"));
        assertFalse(NoisyModel.isForeign(after.graph()));
        assertEquals(2, run("models", "export", "-m", model.toString(), "-o", copy.toString()));
        assertTrue(err.toString().contains(copy + " exists"), err.toString());
    }
}

package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorDataTest {
    private static final int ELEMENTS = 4 << 20;

    private static OnnxModel model() {
        float[] elements = new float[ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            elements[i] = i % 1009;
        }
        GraphBuilder builder = new GraphBuilder("large");
        builder.input(Value.ofFloats("x", ELEMENTS));
        String weight = builder.initializer("weight", TensorData.ofFloats(elements, ELEMENTS));
        builder.apply("y", "Mul", List.of("x", weight), Map.of());
        builder.output(Value.ofFloats("y", ELEMENTS));
        return OnnxModel.of(18, builder.build());
    }

    private static TensorData weight(OnnxModel model) {
        return Objects.requireNonNull(model.graph().initializers().get("weight"));
    }

    /** Of this process, the pages of files that are in memory. */
    private static long residentFileBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssFile:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasReadOfAFileLeavesMemoryAndCanBeReadAgain(@TempDir Path folder) throws IOException {
        Assumptions.assumeTrue(
                Files.isReadable(Path.of("/proc/self/status")), "only Linux tells which pages are in memory");
        Path file = folder.resolve("large.onnx");
        OnnxFile.write(model(), file);
        TensorData read = weight(OnnxFile.read(file));
        assertTrue(read.isMapped());
        float[] elements = read.floats();
        long before = residentFileBytes();
        read.unload();
        long freed = before - residentFileBytes();
        // Other threads of the tests read files, too.
        assertTrue(freed > 3L * ELEMENTS, freed + " bytes left memory");
        assertArrayEquals(elements, read.floats());
    }

    @Test
    void whatLiesInNoFileStaysAsItIs() {
        for (TensorData data : List.of(TensorData.ofFloats(new float[] {1, 2}, 2), weight(model()))) {
            assertFalse(data.isMapped());
            data.unload();
            assertEquals(1, data.floats()[1] - data.floats()[0]);
        }
    }
}

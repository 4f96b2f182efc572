package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.TensorData;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A new classifier on small networks, run by the plain ONNX Runtime and compared with arithmetic by hand. */
class ClassifierModelTest {
    private static final List<String> LABELS = List.of("a", "b", "c");

    /** [3 x 3] for features that are the channels' means. */
    private static final float[] WEIGHT = {1, 0, 0, 0, 2, 0, 0, 0, 3};

    private static final float[] BIAS = {0.5f, 0, -0.5f};

    @TempDir
    Path folder;

    private Path parent;

    @BeforeEach
    void writeParent() {
        parent = SmallModels.classifier(folder.resolve("parent.onnx"));
    }

    /** Channel c of picture n has the constant value 10 n + c; so has its mean. */
    private static float[][] run(Path file, int pictures) throws OrtException {
        FloatBuffer input = FloatBuffer.allocate(pictures * 48);
        for (int i = 0; input.hasRemaining(); i++) {
            input.put(10 * (i / 48) + i / 16 % 3);
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, input.flip(), new long[] {pictures, 3, 4, 4});
                OrtSession.Result result = session.run(Map.of("x", tensor))) {
            return (float[][]) result.get(0).getValue();
        }
    }

    private Path retrained(Path file) {
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        Path written = folder.resolve("new.onnx");
        OnnxFile.write(model.withClassifier(LABELS, WEIGHT, BIAS, Map.of("seed", 1)), written);
        return written;
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void anOpenBatchStaysOpen(int pictures) throws OrtException {
        float[][] logits = run(retrained(parent), pictures);
        assertEquals(pictures, logits.length);
        for (int n = 0; n < pictures; n++) {
            assertArrayEquals(new float[] {10 * n + 0.5f, 20 * n + 2, 30 * n + 5.5f}, logits[n], 1e-5f);
        }
    }

    @Test
    void probabilitiesStayProbabilities() throws OrtException {
        GraphBuilder builder = SmallModels.start();
        Path file = SmallModels.classifier(
                folder.resolve("softmax.onnx"), logits -> builder.apply("Softmax", List.of(logits)), builder);
        float[] probabilities = run(retrained(file), 1)[0];
        double sum = Math.exp(0.5) + Math.exp(2) + Math.exp(5.5);
        assertArrayEquals(
                new float[] {(float) (Math.exp(0.5) / sum), (float) (Math.exp(2) / sum), (float) (Math.exp(5.5) / sum)},
                probabilities,
                1e-6f);
    }

    /** A convolution before pooling becomes a pooling before a Gemm: the features are the same means. */
    @Test
    void aConvolutionBecomesAGemmOnPooledFeatures() throws OrtException {
        GraphBuilder builder = SmallModels.start();
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        String weight = builder.constant("w", TensorData.ofFloats(SmallModels.WEIGHT, 2, 3, 1, 1));
        String scores = builder.apply("Relu", List.of(builder.apply("Conv", List.of(x, weight))));
        String pooled = builder.apply("GlobalAveragePool", List.of(scores));
        Path file = SmallModels.write(
                builder,
                builder.apply("Flatten", List.of(pooled), Map.of("axis", Attribute.of(1))),
                folder.resolve("conv.onnx"));
        assertArrayEquals(new float[] {10.5f, 22, 35.5f}, run(retrained(file), 2)[1], 1e-4f);
    }

    @Test
    void theOldClassifierIsGone() {
        ClassifierModel again = ClassifierModel.open(retrained(parent), CardDocument.EMPTY);
        assertEquals(LABELS, again.labels());
        assertEquals(Map.of("seed", 1), again.card().provenance());
        var graph = OnnxFile.read(again.file()).graph();
        assertEquals(
                List.of("GlobalAveragePool", "Flatten", "Gemm"),
                graph.nodes().stream().map(node -> node.operator()).toList());
        assertEquals(2, graph.initializers().size(), "new weight and bias only: " + graph.initializers());
    }

    /** A network can be trained again and again: each is the parent of the next. */
    @Test
    void aNewModelCanBeAParent() throws OrtException {
        float[][] once = run(retrained(parent), 2);
        Path second = folder.resolve("second.onnx");
        OnnxFile.write(
                ClassifierModel.open(folder.resolve("new.onnx"), CardDocument.EMPTY)
                        .withClassifier(LABELS, WEIGHT, BIAS, Map.of("seed", 1)),
                second);
        assertArrayEquals(once[1], run(second, 2)[1]);
        assertEquals(Sha256.of(folder.resolve("new.onnx")), Sha256.of(second));
    }

    @Test
    void weightsOfAnotherSizeAreAMistakeOfOurs() {
        ClassifierModel model = ClassifierModel.open(parent, CardDocument.EMPTY);
        for (int[] sizes : new int[][] {{8, 2}, {10, 3}}) {
            var refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> model.withClassifier(LABELS, new float[sizes[0]], new float[sizes[1]], Map.of()));
            assertTrue(refused.getMessage().contains("do not fit"), refused.getMessage());
        }
    }
}

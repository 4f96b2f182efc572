package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownFeaturesTest {
    private static final int WIDTH = 37;
    private static final int CLASSES = 4;

    private static float[] draw(RandomGenerator random, int count, double from, double to) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(from, to);
        }
        return numbers;
    }

    /** The graph, run by ONNX Runtime on several pictures at once, gives what the definition says, term by term. */
    @ParameterizedTest
    @ValueSource(longs = {9, 13, 18, 21})
    void theGraphIsTheDefinition(long operatorSet) throws OrtException {
        RandomGenerator random = new Seed(7).generator("features");
        KnownFeatures known = new KnownFeatures(
                draw(random, CLASSES * WIDTH, 2, 4),
                draw(random, WIDTH, 0.1, 1),
                draw(random, WIDTH, 2, 4),
                draw(random, WIDTH, 0.5, 2));
        GraphBuilder builder = new GraphBuilder("distance");
        builder.input(
                new Value("f", ElementType.FLOAT, SmallModels.picture(-1, WIDTH).shape()));
        String output = known.emit(builder, "f", operatorSet);
        builder.output(
                new Value(output, ElementType.FLOAT, SmallModels.picture(-1, 1).shape()));
        assertEquals("distance", output);
        byte[] model = OnnxFile.bytes(OnnxModel.of(operatorSet, builder.build()));
        int rows = 5;
        float[] features = draw(random, rows * WIDTH, 0, 8);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model);
                OnnxTensor tensor =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(features), new long[] {rows, WIDTH});
                OrtSession.Result result = session.run(Map.of("f", tensor))) {
            float[][] distances = (float[][]) result.get(0).getValue();
            for (int row = 0; row < rows; row++) {
                double square = 0;
                for (int j = 0; j < WIDTH; j++) {
                    square += Math.pow(features[row * WIDTH + j], 2) / WIDTH;
                }
                double expected = Double.POSITIVE_INFINITY;
                double toAll = 0;
                for (int j = 0; j < WIDTH; j++) {
                    double off = features[row * WIDTH + j] / Math.sqrt(square) - known.centre()[j];
                    toAll += off * off / known.overall()[j] / WIDTH;
                }
                for (int c = 0; c < CLASSES; c++) {
                    double toClass = 0;
                    for (int j = 0; j < WIDTH; j++) {
                        double off = features[row * WIDTH + j] / Math.sqrt(square) - known.means()[c * WIDTH + j];
                        toClass += off * off / known.within()[j] / WIDTH;
                    }
                    expected = Math.min(expected, toClass - 0.7 * toAll);
                }
                assertTrue(expected > 1, "far enough to count");
                assertEquals(expected, distances[row][0], 1e-5 * expected);
            }
        }
    }
}

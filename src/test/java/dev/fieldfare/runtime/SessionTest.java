package dev.fieldfare.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
    private static final SessionSettings ONE_THREAD = SessionSettings.ofThreads(1);

    /** y = x w, x [1 x 2], w [2 x 100]. */
    private static OnnxModel product() {
        GraphBuilder builder = new GraphBuilder("product");
        String x = builder.input(Value.ofFloats("x", 1, 2));
        float[] weight = new float[200];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = i;
        }
        String w = builder.initializer("w", TensorData.ofFloats(weight, 2, 100));
        builder.output(Value.ofFloats(builder.apply("y", "MatMul", List.of(x, w), Map.of()), 1, 100));
        return OnnxModel.of(15, builder.build());
    }

    @Test
    void writesIntoTheTensorsOfTheCaller() {
        try (Session session = Session.open("product", product(), ONE_THREAD);
                Tensor x = Tensor.of(new float[] {1, 10}, 1, 2);
                Tensor y = Tensor.zeros(1, 100)) {
            session.run(Map.of("x", x), Map.of("y", y));
            assertEquals(3 + 10 * 103, y.toArray()[3]);
            x.elements().put(new float[] {0, 1});
            session.run(Map.of("x", x), Map.of("y", y));
            assertEquals(103, y.toArray()[3]);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (Session session = Session.open("the product", product(), ONE_THREAD);
                Tensor x = Tensor.zeros(1, 3);
                Tensor y = Tensor.zeros(1, 100)) {
            var failed = assertThrows(FieldfareException.class, () -> session.run(Map.of("x", x), Map.of("y", y)));
            assertTrue(failed.getMessage().startsWith("running the product failed: "), failed.getMessage());
        }
    }

    @Test
    void aFileThatIsNoModelIsNamed(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("m.onnx"), "no model");
        var refused = assertThrows(FieldfareException.class, () -> Session.open(file, ONE_THREAD));
        assertTrue(refused.getMessage().startsWith("ONNX Runtime cannot load " + file), refused.getMessage());
    }

    /** Every value's shape is known, those of large weights too, which are left out of the question. */
    @Test
    void shapesOfAllValues() {
        Map<String, Shape> shapes = ShapeInference.of(product());
        assertEquals(Map.of("x", Shape.of(1, 2), "w", Shape.of(2, 100), "y", Shape.of(1, 100)), shapes);
    }

    @Test
    void tensorsAreZeroAtFirstAndScalarsCanBeSet() {
        try (Tensor scalar = Tensor.zeros();
                Tensor pair = Tensor.zeros(2)) {
            assertArrayEquals(new float[] {0}, scalar.toArray());
            scalar.set(3);
            assertArrayEquals(new float[] {3}, scalar.toArray());
            assertThrows(IllegalStateException.class, () -> pair.set(1));
            // Every caller has a cursor of its own.
            pair.elements().put(5);
            assertEquals(2, pair.elements().remaining());
            assertArrayEquals(new float[] {5, 0}, pair.toArray());
        }
    }

    /** Two threads, one session, tensors of their own: each gets its own product every time. */
    @Test
    void severalThreadsMayRunIt() throws Exception {
        try (Session session = Session.open("product", product(), ONE_THREAD);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Callable<Boolean>> runs = Stream.of(1f, 2f)
                    .<Callable<Boolean>>map(factor -> () -> multipliesBy(factor, session))
                    .toList();
            for (Future<Boolean> run : threads.invokeAll(runs)) {
                assertTrue(run.get());
            }
        }
    }

    private static boolean multipliesBy(float factor, Session session) {
        boolean right = true;
        try (Tensor x = Tensor.of(new float[] {factor, 0}, 1, 2);
                Tensor y = Tensor.zeros(1, 100)) {
            for (int i = 0; i < 1000; i++) {
                y.elements().put(0, -1).put(99, -1);
                session.run(Map.of("x", x), Map.of("y", y));
                right &= y.elements().get(0) == 0 && y.elements().get(99) == 99 * factor;
            }
        }
        return right;
    }

    @Test
    void thereIsAtLeastOneThread() {
        assertThrows(IllegalArgumentException.class, () -> SessionSettings.ofThreads(0));
    }
}

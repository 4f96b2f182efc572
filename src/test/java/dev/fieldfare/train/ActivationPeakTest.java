package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.ShapeInference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Peaks worked out by hand, in floats; a float is four bytes. */
class ActivationPeakTest {
    private final GraphBuilder builder = new GraphBuilder("test");

    private long floats() {
        OnnxModel model = OnnxModel.of(15, builder.build());
        return ActivationPeak.of(model.graph(), ShapeInference.of(model)) / Float.BYTES;
    }

    private String product(String x, int from, int to) {
        String weight = builder.constant("w", TensorData.ofFloats(new float[from * to], from, to));
        return builder.apply("MatMul", List.of(x, weight));
    }

    /** 2 -> 100 -> 3 -> 50: the widest neighbours are 100 and 3, not 100 and 50. */
    @Test
    void ofAChainTheWidestNeighbours() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        builder.output(Value.ofFloats(product(product(product(x, 2, 100), 100, 3), 3, 50), 1, 50));
        assertEquals(103, floats());
    }

    /** The first value lives on until the sum: 10 (x) goes, 20 (skip) stays beside 100 and 20. */
    @Test
    void aSkipConnectionStaysAlive() {
        String x = builder.input(Value.ofFloats("x", 1, 10));
        String skip = product(x, 10, 20);
        String wide = product(skip, 20, 100);
        String narrow = product(wide, 100, 20);
        builder.output(Value.ofFloats(builder.apply("Add", List.of(skip, narrow)), 1, 20));
        assertEquals(20 + 100 + 20, floats());
    }

    /** Relu writes where its operand lies; Softmax does not. */
    @Test
    void someOperatorsWorkInPlace() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        builder.output(Value.ofFloats(builder.apply("Relu", List.of(product(x, 2, 100))), 1, 100));
        assertEquals(102, floats());
    }

    @Test
    void othersDoNot() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        builder.output(Value.ofFloats(builder.apply("Softmax", List.of(product(x, 2, 100))), 1, 100));
        assertEquals(200, floats());
    }

    /** An operand that is read again later cannot be written over. */
    @Test
    void notInPlaceWhileSomebodyStillReadsIt() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String wide = product(x, 2, 100);
        String positive = builder.apply("Relu", List.of(wide));
        builder.output(Value.ofFloats(
                builder.apply("Concat", List.of(wide, positive), Map.of("axis", Attribute.of(1))), 1, 200));
        assertEquals(400, floats());
    }

    /** Weights and what is computed from weights alone are no activations. */
    @Test
    void constantsDoNotCount() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String weight = builder.constant("w", TensorData.ofFloats(new float[2000], 1000, 2));
        String turned = builder.apply("Transpose", List.of(weight), Map.of("perm", Attribute.of(new long[] {1, 0})));
        builder.output(Value.ofFloats(builder.apply("MatMul", List.of(x, turned)), 1, 1000));
        assertEquals(1002, floats());
    }
}

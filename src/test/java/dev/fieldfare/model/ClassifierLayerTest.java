package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierLayerTest {
    private final GraphBuilder builder = SmallModels.start();

    private Graph ending(String output) {
        builder.output(Value.ofFloats(output, 1, SmallModels.CLASSES));
        return builder.build();
    }

    private ClassifierLayer found(String output) {
        return ClassifierLayer.find(ending(output), "m.onnx");
    }

    private String refused(String output) {
        Graph graph = ending(output);
        return assertThrows(FieldfareException.class, () -> ClassifierLayer.find(graph, "m.onnx"))
                .getMessage();
    }

    private String weight(long... sizes) {
        int count = 1;
        for (long size : sizes) {
            count *= (int) size;
        }
        return builder.constant("w", TensorData.ofFloats(new float[count], sizes));
    }

    @Test
    void aGemm() {
        ClassifierLayer layer = found(SmallModels.gemm(builder, SmallModels.features(builder)));
        assertTrue(layer.node().is("Gemm"));
        assertEquals("features", layer.features());
        assertFalse(layer.spatial());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Softmax", "LogSoftmax", "Identity", "Flatten"})
    void behindWhatOnlyShapesTheOutput(String last) {
        String logits = SmallModels.gemm(builder, SmallModels.features(builder));
        assertTrue(found(builder.apply(last, List.of(logits))).node().is("Gemm"));
    }

    @Test
    void aMatMulWithAnAdd() {
        String product = builder.apply("MatMul", List.of(SmallModels.features(builder), weight(3, 2)));
        String bias = builder.constant("b", TensorData.ofFloats(SmallModels.BIAS, 2));
        ClassifierLayer layer = found(builder.apply("Softmax", List.of(builder.apply("Add", List.of(bias, product)))));
        assertTrue(layer.node().is("MatMul"));
        assertEquals("features", layer.features());
    }

    @Test
    void aPointwiseConvolutionBeforePooling() {
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        String map = builder.apply("Relu", List.of(x));
        String scores = builder.apply(
                "Conv", List.of(map, weight(2, 3, 1, 1)), Map.of("kernel_shape", Attribute.of(new long[] {1, 1})));
        String pooled = builder.apply("GlobalAveragePool", List.of(builder.apply("Relu", List.of(scores))));
        ClassifierLayer layer = found(builder.apply("Softmax", List.of(builder.apply("Flatten", List.of(pooled)))));
        assertTrue(layer.node().is("Conv"));
        assertEquals(map, layer.features());
        assertTrue(layer.spatial());
    }

    /** Without the attribute, the kernel's size is that of its weight. */
    @Test
    void aPointwiseConvolutionThatDoesNotSaySo() {
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        String scores = builder.apply("Conv", List.of(x, weight(2, 3, 1, 1)));
        assertTrue(found(builder.apply("GlobalAveragePool", List.of(scores))).spatial());
    }

    @Test
    void aWiderConvolutionIsNoClassifier() {
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        builder.add(new Node("conv9", "", "Conv", List.of(x, weight(2, 3, 3, 3)), List.of("scores"), Map.of()));
        String message = refused(builder.apply("GlobalAveragePool", List.of("scores")));
        assertTrue(message.contains("the Conv node 'conv9' stands where a classifier was expected"), message);
    }

    @Test
    void aGroupedConvolutionIsNoClassifier() {
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        String scores =
                builder.apply("scores", "Conv", List.of(x, weight(3, 1, 1, 1)), Map.of("group", Attribute.of(3)));
        String message = refused(builder.apply("GlobalAveragePool", List.of(scores)));
        assertTrue(message.contains("the Conv node 'scores' stands"), message);
    }

    /** Quantized as QDQ: weights behind DequantizeLinear, Quantize and Dequantize around everything. */
    @Test
    void quantizedWeights() {
        String scale = builder.constant(0.1f);
        String zero = builder.constant("zero", new TensorData(ElementType.INT8, Shape.of(), ByteBuffer.allocate(1)));
        String stored =
                builder.constant("stored", new TensorData(ElementType.INT8, Shape.of(2, 3), ByteBuffer.allocate(6)));
        String weight = builder.apply("DequantizeLinear", List.of(stored, scale, zero));
        String features = SmallModels.features(builder);
        String logits = builder.apply("Gemm", List.of(features, weight), Map.of("transB", Attribute.of(1)));
        String rounded = builder.apply("QuantizeLinear", List.of(logits, scale, zero));
        ClassifierLayer layer = found(builder.apply("DequantizeLinear", List.of(rounded, scale, zero)));
        assertTrue(layer.node().is("Gemm"));
        assertEquals("features", layer.features());
    }

    /** A quantized pointwise convolution: the size stands in the stored weight. */
    @Test
    void quantizedPointwiseConvolution() {
        String scale = builder.constant(0.1f);
        String stored = builder.constant(
                "stored", new TensorData(ElementType.INT8, Shape.of(2, 3, 1, 1), ByteBuffer.allocate(6)));
        String weight = builder.apply("DequantizeLinear", List.of(stored, scale));
        String x = builder.input(SmallModels.picture(-1, 3, 4, 4));
        String scores = builder.apply("Conv", List.of(x, weight));
        assertTrue(found(builder.apply("GlobalAveragePool", List.of(scores))).spatial());
    }

    /** Two heads that are added cannot be replaced by one. */
    @Test
    void aSumOfTwoThingsIsRefusedByItsNode() {
        String features = SmallModels.features(builder);
        String one = builder.apply("MatMul", List.of(features, weight(3, 2)));
        String other = builder.apply("MatMul", List.of(builder.apply("Tanh", List.of(features)), weight(3, 2)));
        builder.add(new Node("both", "", "Add", List.of(one, other), List.of("sum"), Map.of()));
        String message = refused("sum");
        assertTrue(
                message.startsWith("m.onnx ends in a way that Fieldfare cannot retrain: the Add node 'both' stands"),
                message);
    }

    @Test
    void anUnknownEndIsRefusedByItsNode() {
        String logits = SmallModels.gemm(builder, SmallModels.features(builder));
        String message = refused(builder.apply("labels", "TopK", List.of(logits), Map.of()));
        assertTrue(message.contains("the TopK node 'labels' stands"), message);
    }

    @Test
    void anOperatorOfAnotherDomainIsNotTheStandardOne() {
        String logits = SmallModels.gemm(builder, SmallModels.features(builder));
        builder.add(new Node("last", "com.example", "Softmax", List.of(logits), List.of("y"), Map.of()));
        assertTrue(refused("y").contains("the Softmax node 'last'"));
    }

    /** A product of two computed values, as in attention, has no weights to train. */
    @Test
    void aProductWithoutWeightsIsNoClassifier() {
        String features = SmallModels.features(builder);
        builder.add(new Node("attend", "", "MatMul", List.of(features, features), List.of("y"), Map.of()));
        assertTrue(refused("y").contains("the MatMul node 'attend'"));
    }

    @Test
    void aGraphWithoutALinearLayer() {
        String message = refused(SmallModels.features(builder));
        assertEquals(
                "m.onnx has no classifier to train: nothing linear lies between its input 'x' and its output", message);
    }
}

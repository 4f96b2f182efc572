package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.fieldfare.TestData;
import dev.fieldfare.noise.Seed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Constant folding, folding of batch normalizations and removal of fake quantization; ONNX Runtime is the judge. */
class GraphPreparationTest {
    private static final Map<String, Attribute> NONE = Map.of();

    private static TensorData tensor(long... sizes) {
        RandomGenerator random = new Seed(sizes.length).generator("preparation");
        float[] elements = new float[(int) Shape.of(sizes).elements()];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = random.nextFloat() * 2 + 0.1f;
        }
        return TensorData.ofFloats(elements, sizes);
    }

    private static TensorData bytes(ElementType type, int[] values, long... sizes) {
        ByteBuffer bytes = ByteBuffer.allocate((int) type.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            if (type == ElementType.INT32) {
                bytes.putInt(value);
            } else {
                bytes.put((byte) value);
            }
        }
        return new TensorData(type, Shape.of(sizes), bytes.flip());
    }

    private static Set<String> operators(Graph graph) {
        return graph.nodes().stream().map(Node::operator).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void compare(OnnxModel before, Graph after, double tolerance) throws OrtException {
        Map<String, TensorData> inputs = PlainRun.randomInputs(before.graph(), new Seed(3).generator("preparation"));
        Map<String, PlainRun.Output> expected = PlainRun.run(before, inputs);
        Map<String, PlainRun.Output> actual = PlainRun.run(before.withGraph(after), inputs);
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, output) -> {
            assertArrayEquals(output.shape(), actual.get(name).shape(), name);
            assertArrayEquals(output.elements(), actual.get(name).elements(), tolerance, name);
        });
    }

    @TestFactory
    Stream<DynamicTest> realModelsComputeTheSame() {
        return Stream.concat(
                        TestData.list("models", ".onnx").stream(),
                        TestData.list("conformance/onnx-light", ".onnx").stream()
                                .filter(file -> file.toString().matches(".*(densenet|shuffle|inception_v2).*")))
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    OnnxModel model = OperatorSetUpgrade.upgrade(OnnxFile.read(file));
                    Graph folded = ConstantFolding.fold(model.graph());
                    Graph graph = BatchNormalizationFolding.fold(folded).graph();
                    // The made-up weights of those networks let values grow without bounds.
                    compare(model, graph, file.toString().contains("light_") ? 1e-2 : 1e-4);
                }));
    }

    @Test
    void theSmallResidualNetworkLosesAllItsNormalizations() {
        OnnxModel model = OnnxFile.read(TestData.path("models/resnet8_cifar10_bn.onnx"));
        BatchNormalizationFolding.Result result = BatchNormalizationFolding.fold(model.graph());
        assertEquals(
                model.graph().nodes().stream()
                        .filter(node -> node.is("BatchNormalization"))
                        .count(),
                result.folded());
        assertFalse(operators(result.graph()).contains("BatchNormalization"));
    }

    /** Weights become float, and the network without its rounding still sees what it saw. */
    @Test
    void aQuantizedNetworkBecomesAFloatOne() throws Exception {
        OnnxModel model = OperatorSetUpgrade.upgrade(OnnxFile.read(TestData.path("models/mobilenetv2-12-qdq.onnx")));
        Graph graph = FakeQuantization.remove(ConstantFolding.fold(model.graph()));
        assertEquals(
                Set.of("Add", "Clip", "Concat", "Conv", "Gather", "GlobalAveragePool", "MatMul", "Reshape", "Shape"),
                operators(graph).stream()
                        .filter(name -> !name.equals("Unsqueeze"))
                        .collect(Collectors.toSet()));
        Path reference = TestData.path("reference/mobilenetv2-12-qdq/input.f32");
        TensorData picture = new TensorData(
                ElementType.FLOAT, Shape.of(1, 3, 224, 224), ByteBuffer.wrap(Files.readAllBytes(reference)));
        Map<String, TensorData> inputs =
                Map.of(model.graph().requiredInputs().getFirst().name(), picture);
        double[] expected =
                PlainRun.run(model, inputs).values().iterator().next().elements();
        double[] actual = PlainRun.run(model.withGraph(graph), inputs)
                .values()
                .iterator()
                .next()
                .elements();
        double error = 0;
        double power = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow(expected[i] - actual[i], 2);
            power += Math.pow(expected[i], 2);
        }
        assertTrue(error < 0.05 * power, "rounding makes " + error / power + " of the power of the logits");
    }

    /** Each operator on constants, next to what ONNX Runtime makes of the same node. */
    @TestFactory
    Stream<DynamicTest> constantsAreComputedAsTheRuntimeDoes() {
        TensorData box = tensor(2, 3, 4);
        TensorData integers = bytes(ElementType.INT8, new int[] {-128, -1, 0, 1, 127, 5}, 2, 3);
        TensorData unsigned = bytes(ElementType.UINT8, new int[] {0, 255, 128, 127, 1, 3}, 2, 3);
        TensorData wide = bytes(ElementType.INT32, new int[] {-70000, 123456789, 3, 4, 5, 6}, 2, 3);
        TensorData scale = TensorData.ofScalar(0.037f);
        TensorData three = TensorData.ofFloats(new float[] {0.1f, 0.2f, 0.3f}, 3);
        Attribute permutation = Attribute.of(new long[] {1, 2, 0});
        Map<String, Attribute> tofloat = Map.of("to", Attribute.of(1));
        Map<String, Attribute> tolong = Map.of("to", Attribute.of(7));
        TensorData two = TensorData.ofFloats(new float[] {0.1f, 0.2f}, 2);
        return Stream.of(
                        new Case("Constant", Map.of("value", new Attribute.Tensor(box))),
                        new Case("Constant", Map.of("value_float", Attribute.of(2.5f))),
                        new Case("Constant", Map.of("value_int", Attribute.of(-3))),
                        new Case("Constant", Map.of("value_ints", Attribute.of(new long[] {4, 5}))),
                        new Case("Constant", Map.of("value_floats", new Attribute.Reals(List.of(1f, 2f)))),
                        new Case("Identity", NONE, box),
                        new Case("Shape", NONE, box),
                        new Case("Shape", Map.of("start", Attribute.of(-2), "end", Attribute.of(9)), box),
                        new Case("Reshape", NONE, box, TensorData.ofLongs(0, -1, 2)),
                        new Case("Reshape", NONE, integers, TensorData.ofLongs(-1)),
                        new Case("Flatten", Map.of("axis", Attribute.of(-1)), box),
                        new Case("Flatten", NONE, box),
                        new Case("Squeeze", NONE, tensor(1, 2, 1, 3)),
                        new Case("Squeeze", NONE, tensor(1, 2, 1, 3), TensorData.ofLongs(-2)),
                        new Case("Unsqueeze", NONE, box, TensorData.ofLongs(0, -1)),
                        new Case("Transpose", NONE, box),
                        new Case("Transpose", Map.of("perm", permutation), box),
                        new Case("Transpose", NONE, wide),
                        new Case("Concat", Map.of("axis", Attribute.of(1)), box, tensor(2, 1, 4), box),
                        new Case("Concat", Map.of("axis", Attribute.of(-1)), integers, integers),
                        new Case("Gather", NONE, box, TensorData.ofLongs(1, -2, 1)),
                        new Case("Cast", tofloat, integers),
                        new Case("Cast", tofloat, unsigned),
                        new Case("Cast", tolong, wide),
                        new Case("DequantizeLinear", NONE, integers, scale),
                        new Case("DequantizeLinear", NONE, unsigned, scale, bytes(ElementType.UINT8, new int[] {128})),
                        new Case("DequantizeLinear", NONE, wide, scale),
                        new Case("DequantizeLinear", NONE, integers, three),
                        new Case(
                                "DequantizeLinear",
                                Map.of("axis", Attribute.of(-2)),
                                integers,
                                two,
                                bytes(ElementType.INT8, new int[] {3, -7}, 2)))
                .map(given -> DynamicTest.dynamicTest(given.toString(), () -> {
                    GraphBuilder builder = new GraphBuilder("constants");
                    builder.input(Value.ofFloats("x", 1));
                    List<String> names = new ArrayList<>();
                    for (TensorData operand : given.operands()) {
                        names.add(builder.constant("c", operand));
                    }
                    builder.apply("y", given.operator(), names, given.attributes());
                    // An output of the graph itself would not be folded.
                    builder.apply("float", "Cast", List.of("y"), Map.of("to", Attribute.of(11)));
                    builder.apply("z", "Identity", List.of("float"), NONE);
                    builder.output(new Value("z", ElementType.DOUBLE, null));
                    OnnxModel model = OnnxModel.of(18, builder.build());
                    Graph folded = ConstantFolding.fold(model.graph());
                    assertTrue(folded.initializers().containsKey("y"), "it is folded");
                    assertTrue(folded.nodes().stream()
                            .noneMatch(node -> node.output(0).equals("y")));
                    compare(model, folded, 0);
                }));
    }

    private record Case(String operator, Map<String, Attribute> attributes, List<TensorData> operands) {
        Case(String operator, Map<String, Attribute> attributes, TensorData... operands) {
            this(operator, attributes, List.of(operands));
        }
    }

    /** An input with a default is no constant: who runs the graph may give another value. */
    @Test
    void whatCanBeOverriddenIsNotFolded() {
        GraphBuilder builder = new GraphBuilder("defaults");
        builder.input(Value.ofFloats("x", 2, 3));
        builder.input(new Value("shape", ElementType.INT64, Shape.of(1)));
        builder.initializer("shape", TensorData.ofLongs(6));
        builder.apply("copy", "Identity", List.of("shape"), NONE);
        builder.apply("y", "Reshape", List.of("x", "copy"), NONE);
        builder.output(new Value("y", ElementType.FLOAT, null));
        Graph graph = builder.build();
        assertSame(graph, ConstantFolding.fold(graph));
    }

    @TestFactory
    Stream<DynamicTest> normalizationsBecomePartOfTheLayer() {
        Attribute two = Attribute.of(2);
        Attribute yes = Attribute.of(1);
        TensorData bias = tensor(4);
        return Stream.of(
                        new Layer("Conv", NONE, List.of(2L, 3L, 5L, 5L), tensor(4, 3, 3, 3)),
                        new Layer("Conv", NONE, List.of(2L, 3L, 5L, 5L), tensor(4, 3, 3, 3), bias),
                        new Layer("Conv", Map.of("group", two), List.of(2L, 2L, 5L), tensor(4, 1, 3), bias),
                        new Layer("ConvTranspose", NONE, List.of(2L, 3L, 5L, 5L), tensor(3, 4, 3, 2), bias),
                        new Layer("ConvTranspose", Map.of("group", two), List.of(2L, 6L, 5L, 5L), tensor(6, 2, 2, 2)),
                        new Layer("Gemm", NONE, List.of(2L, 3L), tensor(3, 4)),
                        new Layer("Gemm", Map.of("transB", yes), List.of(2L, 3L), tensor(4, 3), tensor(1, 4)),
                        new Layer(
                                "Gemm",
                                Map.of("alpha", Attribute.of(0.5f), "beta", Attribute.of(2f)),
                                List.of(2L, 3L),
                                tensor(3, 4),
                                TensorData.ofScalar(0.7f)))
                .map(layer -> DynamicTest.dynamicTest(layer.toString(), () -> {
                    OnnxModel model = OnnxModel.of(18, layer.graph());
                    BatchNormalizationFolding.Result result = BatchNormalizationFolding.fold(model.graph());
                    assertEquals(1, result.folded());
                    assertEquals(Set.of(layer.operator()), operators(result.graph()));
                    assertTrue(result.graph().initializers().containsKey("weight"));
                    assertEquals(
                            Set.of("weight", "bias"),
                            result.graph().initializers().keySet());
                    compare(model, result.graph(), 1e-5);
                }));
    }

    private record Layer(
            String operator, Map<String, Attribute> attributes, List<Long> input, List<TensorData> constants) {
        Layer(String operator, Map<String, Attribute> attributes, List<Long> input, TensorData... constants) {
            this(operator, attributes, input, List.of(constants));
        }

        GraphBuilder builder() {
            GraphBuilder builder = new GraphBuilder("layer");
            long[] sizes = input.stream().mapToLong(Long::longValue).toArray();
            builder.input(Value.ofFloats("x", sizes));
            builder.initializer("weight", constants.getFirst());
            List<String> operands = new ArrayList<>(List.of("x", "weight"));
            if (constants.size() > 1) {
                operands.add(builder.initializer("bias", constants.get(1)));
            }
            builder.apply("linear", operator, operands, attributes);
            List<String> statistics = new ArrayList<>(List.of("linear"));
            for (float spread : new float[] {0.3f, 0.6f, -0.2f, 0.9f}) {
                float[] elements = {1 + spread, spread, 2 - spread, 1.5f};
                statistics.add(builder.constant("statistics", TensorData.ofFloats(elements, 4)));
            }
            builder.apply("y", "BatchNormalization", statistics, Map.of("epsilon", Attribute.of(1e-3f)));
            return builder;
        }

        Graph graph() {
            GraphBuilder builder = builder();
            builder.output(new Value("y", ElementType.FLOAT, null));
            return builder.build();
        }
    }

    @Test
    void aLayerThatSomethingElseReadsKeepsItsNormalization() {
        Layer layer = new Layer("Gemm", NONE, List.of(2L, 3L), tensor(3, 4));
        GraphBuilder output = layer.builder();
        output.output(new Value("y", ElementType.FLOAT, null));
        output.output(new Value("linear", ElementType.FLOAT, null));
        GraphBuilder weight = layer.builder();
        weight.apply("copy", "Identity", List.of("weight"), NONE);
        weight.output(new Value("y", ElementType.FLOAT, null));
        weight.output(new Value("copy", ElementType.FLOAT, null));
        for (Graph graph : List.of(output.build(), weight.build())) {
            BatchNormalizationFolding.Result result = BatchNormalizationFolding.fold(graph);
            assertEquals(0, result.folded());
            assertSame(graph, result.graph());
        }
        assertEquals(
                0, BatchNormalizationFolding.fold(layer.graph(), node -> false).folded());
    }

    @Test
    void onlyTheRangeOfAFakeQuantizerStays() throws OrtException {
        Map<ElementType, double[]> expected = new HashMap<>();
        // (least - 10) * 0.5 and (greatest - 10) * 0.5; in between nothing is rounded.
        expected.put(ElementType.UINT8, new double[] {-5, -5, 0.3, 100, 122.5});
        expected.put(ElementType.INT8, new double[] {-69, -10, 0.3, 58.5, 58.5});
        for (Map.Entry<ElementType, double[]> entry : expected.entrySet()) {
            GraphBuilder builder = new GraphBuilder("quantized");
            builder.input(Value.ofFloats("x", 5));
            builder.initializer("scale", TensorData.ofScalar(0.5f));
            builder.initializer("zero", bytes(entry.getKey(), new int[] {10}));
            builder.apply("codes", "QuantizeLinear", List.of("x", "scale", "zero"), NONE);
            builder.apply("y", "DequantizeLinear", List.of("codes", "scale", "zero"), NONE);
            builder.output(Value.ofFloats("y", 5));
            Graph graph = FakeQuantization.remove(builder.build());
            assertEquals(Set.of("Clip"), operators(graph));
            Map<String, TensorData> inputs =
                    Map.of("x", TensorData.ofFloats(new float[] {-100, -10, 0.3f, 100, 300}, 5));
            assertArrayEquals(
                    entry.getValue(),
                    PlainRun.run(OnnxModel.of(18, graph), inputs).get("y").elements(),
                    1e-6);
        }
    }
}

package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtException;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestData;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A model computes the same before and after; ONNX Runtime runs both. */
class OperatorSetUpgradeTest {
    /** Draw random numbers, so that two runs differ whatever the operator set. */
    private static final Set<String> RANDOM = Set.of("Bernoulli", "RandomUniformLike");

    /** How many of ONNX's cases are old enough, and run in ONNX Runtime; fewer would mean that they were lost. */
    private static final int CASES = 700;

    private static final Map<String, Attribute> NONE = Map.of();

    private static Attribute reals(Float... values) {
        return new Attribute.Reals(List.of(values));
    }

    @TestFactory
    Stream<DynamicTest> realModelsComputeTheSame() {
        return Stream.concat(
                        TestData.list("models", ".onnx").stream(),
                        TestData.list("conformance/onnx-light", ".onnx").stream()
                                // The others have hundreds of megabytes of weights.
                                .filter(file -> file.toString().matches(".*(densenet|inception|shuffle|squeeze).*")))
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    OnnxModel model = OnnxFile.read(file);
                    OnnxModel upgraded = OperatorSetUpgrade.upgrade(model);
                    assertEquals(18, upgraded.operatorSet());
                    compare(model, upgraded, PlainRun.randomInputs(model.graph(), new Seed(1).generator("upgrade")));
                }));
    }

    /** ONNX's own test cases of single operators, most of them written in an operator set before 18. */
    @TestFactory
    Stream<DynamicTest> conformanceCasesComputeTheSame() {
        List<Path> cases = TestData.list("conformance/onnx-node-v1.13.1", "model.onnx").stream()
                .map(OperatorSetUpgradeTest::readableCase)
                .flatMap(List::stream)
                .toList();
        assertTrue(cases.isEmpty() || cases.size() >= CASES, "only " + cases.size() + " cases could be compared");
        return cases.stream()
                .map(file ->
                        DynamicTest.dynamicTest(file.getParent().getFileName().toString(), () -> {
                            OnnxModel model = OnnxFile.read(file);
                            Map<String, TensorData> inputs = caseInputs(file, model);
                            compare(model, OperatorSetUpgrade.upgrade(model), inputs);
                        }));
    }

    /** The file itself where both Fieldfare reads it and ONNX Runtime runs it as it is; the others test nothing here. */
    private static List<Path> readableCase(Path file) {
        try {
            OnnxModel model = OnnxFile.read(file);
            if (model.operatorSet() >= OperatorSetUpgrade.VERSION
                    || model.operatorSets().keySet().stream().anyMatch(domain -> !domain.isEmpty())
                    || model.graph().nodes().stream().anyMatch(node -> RANDOM.contains(node.operator()))
                    // Refused, see below.
                    || model.operatorSet() == 8
                            && model.graph().nodes().getFirst().is("Scan")) {
                return List.of();
            }
            PlainRun.run(model, caseInputs(file, model));
            return List.of(file);
        } catch (OrtException | IOException | RuntimeException e) {
            return List.of();
        }
    }

    private static Map<String, TensorData> caseInputs(Path file, OnnxModel model) throws IOException {
        Map<String, TensorData> inputs = new HashMap<>();
        for (int i = 0; i < model.graph().inputs().size(); i++) {
            Path tensor = file.resolveSibling("test_data_set_0/input_" + i + ".pb");
            inputs.put(
                    model.graph().inputs().get(i).name(),
                    new TensorReader(tensor, ByteBuffer.allocate(0))
                            .tensor(TensorProto.parseFrom(Files.readAllBytes(tensor))));
        }
        return inputs;
    }

    private static void compare(OnnxModel before, OnnxModel after, Map<String, TensorData> inputs) throws OrtException {
        Map<String, PlainRun.Output> expected = PlainRun.run(before, inputs);
        Map<String, PlainRun.Output> actual = PlainRun.run(after, inputs);
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, output) -> {
            assertEquals(output.type(), actual.get(name).type(), name);
            assertArrayEquals(output.shape(), actual.get(name).shape(), name);
            assertArrayEquals(output.elements(), actual.get(name).elements(), 1e-6, name);
        });
    }

    /** One node of an old operator set that ONNX Runtime still runs. */
    private record OldNode(long version, String operator, Map<String, Attribute> attributes, List<TensorData> inputs) {
        OnnxModel model(int outputs) {
            GraphBuilder builder = new GraphBuilder("old");
            List<String> names = new ArrayList<>();
            for (TensorData input : inputs) {
                // The first input is given, the others are constants as in most models.
                names.add(
                        names.isEmpty()
                                ? builder.input(new Value("x", input.type(), input.shape()))
                                : builder.constant("c", input));
            }
            List<String> results = new ArrayList<>();
            for (int i = 0; i < outputs; i++) {
                results.add("y" + i);
            }
            builder.add(new Node("the node", "", operator, names, results, attributes));
            results.forEach(result -> builder.output(new Value(result, ElementType.UNDEFINED, null)));
            return OnnxModel.of(version, builder.build());
        }
    }

    private static TensorData tensor(long... sizes) {
        float[] elements = new float[(int) Shape.of(sizes).elements()];
        var random = new Seed(elements.length).generator("upgrade");
        for (int i = 0; i < elements.length; i++) {
            elements[i] = random.nextFloat() * 4 - 2;
        }
        return TensorData.ofFloats(elements, sizes);
    }

    private static TensorData positive(long... sizes) {
        float[] elements = tensor(sizes).floats();
        for (int i = 0; i < elements.length; i++) {
            elements[i] = Math.abs(elements[i]) + 0.5f;
        }
        return TensorData.ofFloats(elements, sizes);
    }

    private static Attribute ints(long... values) {
        return Attribute.of(values);
    }

    @TestFactory
    Stream<DynamicTest> oldFormsThatStillRunComputeTheSame() {
        List<TensorData> picture = List.of(tensor(2, 3, 4, 5));
        Map<String, Attribute> axes = Map.of("axes", ints(1, 3), "keepdims", Attribute.of(0));
        List<OldNode> cases = new ArrayList<>();
        for (String operator : List.of(
                "ReduceL1",
                "ReduceL2",
                "ReduceLogSumExp",
                "ReduceMax",
                "ReduceMean",
                "ReduceMin",
                "ReduceProd",
                "ReduceSum",
                "ReduceSumSquare")) {
            cases.add(new OldNode(9, operator, axes, picture));
            cases.add(new OldNode(12, operator, NONE, picture));
            cases.add(new OldNode(13, operator, operator.equals("ReduceSum") ? NONE : axes, picture));
            cases.add(new OldNode(17, operator, Map.of("keepdims", Attribute.of(0)), picture));
        }
        for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            for (long axis : new long[] {0, 1, 2, 3}) {
                cases.add(new OldNode(8, operator, Map.of("axis", Attribute.of(axis)), picture));
            }
            cases.add(new OldNode(11, operator, NONE, picture));
            cases.add(new OldNode(12, operator, Map.of("axis", Attribute.of(-2)), picture));
            cases.add(new OldNode(12, operator, Map.of("axis", Attribute.of(-1)), picture));
            cases.add(new OldNode(7, operator, NONE, List.of(tensor(3, 7))));
        }
        for (String mode : List.of("constant", "reflect", "edge")) {
            Map<String, Attribute> pads = Map.of(
                    "mode", Attribute.of(mode), "pads", ints(0, 0, 1, 2, 0, 0, 2, 1), "value", Attribute.of(1.5f));
            cases.add(new OldNode(7, "Pad", pads, picture));
        }
        cases.add(new OldNode(7, "Squeeze", Map.of("axes", ints(0, 2)), List.of(tensor(1, 3, 1, 2))));
        cases.add(new OldNode(11, "Squeeze", NONE, List.of(tensor(1, 3, 1, 2))));
        cases.add(new OldNode(11, "Unsqueeze", Map.of("axes", ints(0, -1)), List.of(tensor(3, 2))));
        cases.add(new OldNode(7, "Clip", Map.of("min", Attribute.of(-1f), "max", Attribute.of(1f)), picture));
        cases.add(new OldNode(10, "Clip", Map.of("min", Attribute.of(0f)), picture));
        cases.add(new OldNode(8, "Clip", NONE, picture));
        Map<String, Attribute> slice = Map.of("axes", ints(1, 3), "starts", ints(1, -3), "ends", ints(3, 9999));
        cases.add(new OldNode(7, "Slice", slice, picture));
        cases.add(new OldNode(9, "Slice", Map.of("starts", ints(0, 1), "ends", ints(1, -1)), picture));
        cases.add(new OldNode(9, "TopK", Map.of("k", Attribute.of(2), "axis", Attribute.of(1)), picture));
        cases.add(new OldNode(7, "Dropout", Map.of("ratio", Attribute.of(0.3f)), picture));
        cases.add(new OldNode(11, "Dropout", NONE, picture));
        for (String mode : List.of("nearest", "linear")) {
            Attribute text = Attribute.of(mode);
            cases.add(new OldNode(7, "Upsample", Map.of("mode", text, "scales", reals(1f, 1f, 2f, 2f)), picture));
            List<TensorData> scaled = List.of(picture.getFirst(), floats(1, 1, 2, 1.5f));
            cases.add(new OldNode(9, "Upsample", Map.of("mode", text), scaled));
            cases.add(new OldNode(10, "Resize", Map.of("mode", text), scaled));
            List<TensorData> shrunk = List.of(picture.getFirst(), floats(1, 1, 0.6f, 0.5f));
            cases.add(new OldNode(10, "Resize", Map.of("mode", text), shrunk));
            TensorData none = TensorData.ofFloats(new float[0], 0);
            TensorData sizes = TensorData.ofLongs(2, 3, 7, 3);
            List<TensorData> sized = List.of(picture.getFirst(), none, none, sizes);
            cases.add(new OldNode(11, "Resize", Map.of("mode", text), sized));
        }
        List<TensorData> channels = List.of(picture.getFirst(), tensor(3), tensor(3), tensor(3), positive(3));
        cases.add(new OldNode(7, "BatchNormalization", Map.of("epsilon", Attribute.of(1e-3f)), channels));
        cases.add(new OldNode(8, "BatchNormalization", Map.of("spatial", Attribute.of(1)), channels));
        cases.add(new OldNode(9, "BatchNormalization", NONE, channels));
        List<TensorData> elements =
                List.of(picture.getFirst(), tensor(3, 4, 5), tensor(3, 4, 5), tensor(3, 4, 5), positive(3, 4, 5));
        cases.add(new OldNode(7, "BatchNormalization", Map.of("spatial", Attribute.of(0)), elements));
        cases.add(new OldNode(7, "PRelu", NONE, List.of(picture.getFirst(), tensor(3, 1, 1))));
        TensorData matrix = tensor(4, 5);
        cases.add(
                new OldNode(7, "Gemm", Map.of("alpha", Attribute.of(0.5f)), List.of(matrix, tensor(5, 3), tensor(3))));
        cases.add(new OldNode(7, "Cast", Map.of("to", Attribute.of(7)), picture));
        return cases.stream()
                .map(old -> DynamicTest.dynamicTest(old.toString(), () -> {
                    OnnxModel model = old.model(old.operator().equals("TopK") ? 2 : 1);
                    OnnxModel upgraded = OperatorSetUpgrade.upgrade(model);
                    compare(model, upgraded, Map.of("x", old.inputs().getFirst()));
                }));
    }

    private static TensorData floats(float... values) {
        return TensorData.ofFloats(values, values.length);
    }

    @TestFactory
    Stream<DynamicTest> splitsComputeTheSame() {
        TensorData data = tensor(6, 4);
        return Stream.of(
                        new OldNode(7, "Split", Map.of("split", ints(1, 3, 2)), List.of(data)),
                        new OldNode(12, "Split", NONE, List.of(data)),
                        new OldNode(13, "Split", NONE, List.of(data)),
                        new OldNode(13, "Split", NONE, List.of(data, TensorData.ofLongs(4, 1, 1))))
                .map(old -> DynamicTest.dynamicTest(old.toString(), () -> {
                    OnnxModel model = old.model(3);
                    compare(model, OperatorSetUpgrade.upgrade(model), Map.of("x", data));
                }));
    }

    /** Forms that ONNX Runtime no longer runs, next to today's form of the same. */
    @TestFactory
    Stream<DynamicTest> formsOfTheFirstOperatorSetsComputeWhatTheySaid() {
        TensorData x = tensor(2, 3, 4, 5);
        Attribute on = Attribute.of(1);
        Map<String, Attribute> along1 = Map.of("broadcast", on, "axis", Attribute.of(1), "consumed_inputs", ints(0));
        Map<String, Attribute> along1two = Map.of("broadcast", on, "axis", Attribute.of(1));
        Map<OldNode, OldNode> pairs = new LinkedHashMap<>();
        for (String operator : List.of("Add", "Sub", "Mul", "Div")) {
            pairs.put(
                    new OldNode(1, operator, along1, List.of(x, positive(3))),
                    new OldNode(18, operator, NONE, List.of(x, positive(3, 1, 1))));
            pairs.put(
                    new OldNode(6, operator, along1two, List.of(x, positive(3, 4))),
                    new OldNode(18, operator, NONE, List.of(x, positive(3, 4, 1))));
            pairs.put(
                    new OldNode(6, operator, Map.of("broadcast", on), List.of(x, positive(4, 5))),
                    new OldNode(18, operator, NONE, List.of(x, positive(4, 5))));
        }
        pairs.put(
                new OldNode(6, "PRelu", NONE, List.of(x, positive(3))),
                new OldNode(18, "PRelu", NONE, List.of(x, positive(3, 1, 1))));
        pairs.put(
                new OldNode(1, "PRelu", NONE, List.of(x, positive(1))),
                new OldNode(18, "PRelu", NONE, List.of(x, positive(1))));
        pairs.put(
                new OldNode(4, "Reshape", Map.of("shape", ints(0, -1, 10)), List.of(x)),
                new OldNode(18, "Reshape", NONE, List.of(x, TensorData.ofLongs(2, 6, 10))));
        pairs.put(
                new OldNode(1, "Pad", Map.of("paddings", ints(0, 0, 1, 0, 0, 0, 0, 2)), List.of(x)),
                new OldNode(18, "Pad", NONE, List.of(x, TensorData.ofLongs(0, 0, 1, 0, 0, 0, 0, 2))));
        pairs.put(
                new OldNode(5, "Cast", Map.of("to", Attribute.of("INT64")), List.of(x)),
                new OldNode(18, "Cast", Map.of("to", Attribute.of(7)), List.of(x)));
        pairs.put(
                new OldNode(3, "Concat", NONE, List.of(x, x)),
                new OldNode(18, "Concat", Map.of("axis", on), List.of(x, x)));
        pairs.put(
                new OldNode(
                        1,
                        "Upsample",
                        Map.of(
                                "mode",
                                Attribute.of("bilinear"),
                                "height_scale",
                                Attribute.of(2f),
                                "width_scale",
                                Attribute.of(3f)),
                        List.of(x)),
                new OldNode(9, "Upsample", Map.of("mode", Attribute.of("linear")), List.of(x, floats(1, 1, 2, 3))));
        pairs.put(
                new OldNode(
                        6,
                        "BatchNormalization",
                        Map.of("is_test", on),
                        List.of(x, tensor(3), tensor(3), tensor(3), positive(3))),
                new OldNode(18, "BatchNormalization", NONE, List.of(x, tensor(3), tensor(3), tensor(3), positive(3))));
        pairs.put(
                new OldNode(6, "Dropout", Map.of("is_test", on, "ratio", Attribute.of(0.5f)), List.of(x)),
                new OldNode(18, "Identity", NONE, List.of(x)));
        pairs.put(
                new OldNode(6, "Gemm", Map.of("broadcast", on), List.of(tensor(4, 5), tensor(5, 3), tensor(3))),
                new OldNode(18, "Gemm", NONE, List.of(tensor(4, 5), tensor(5, 3), tensor(3))));
        return pairs.entrySet().stream()
                .map(pair -> DynamicTest.dynamicTest(
                        pair.getKey().toString(),
                        () -> compare(
                                pair.getValue().model(1),
                                OperatorSetUpgrade.upgrade(pair.getKey().model(1)),
                                Map.of("x", pair.getKey().inputs().getFirst()))));
    }

    /** Where no file says the ranks, the graph itself has to line up the dimensions. */
    @Test
    void broadcastsAlongAnAxisOfAValueOfUnknownRank() throws OrtException {
        GraphBuilder builder = new GraphBuilder("unknown");
        builder.input(new Value("x", ElementType.FLOAT, null));
        builder.initializer("c", positive(3, 4));
        builder.apply("y", "Mul", List.of("x", "c"), Map.of("broadcast", Attribute.of(1), "axis", Attribute.of(1)));
        builder.output(new Value("y", ElementType.FLOAT, null));
        TensorData x = tensor(2, 3, 4, 5);
        OnnxModel today = new OldNode(18, "Mul", NONE, List.of(x, positive(3, 4, 1))).model(1);
        OnnxModel upgraded = OperatorSetUpgrade.upgrade(OnnxModel.of(6, builder.build()));
        assertArrayEquals(
                PlainRun.run(today, Map.of("x", x)).get("y0").elements(),
                PlainRun.run(upgraded, Map.of("x", x)).get("y").elements());
    }

    /** A double-precision bound for a double-precision input. */
    @Test
    void boundsTakeTheElementTypeOfTheirInput() throws OrtException {
        GraphBuilder builder = new GraphBuilder("double");
        builder.input(Value.ofFloats("x", 4));
        builder.apply("wide", "Cast", List.of("x"), Map.of("to", Attribute.of(ElementType.DOUBLE.code())));
        builder.apply("y", "Clip", List.of("wide"), Map.of("max", Attribute.of(0.25f)));
        builder.output(new Value("y", ElementType.DOUBLE, Shape.of(4)));
        OnnxModel upgraded = OperatorSetUpgrade.upgrade(OnnxModel.of(10, builder.build()));
        Map<String, TensorData> inputs = Map.of("x", floats(-1, 0, 0.5f, 2));
        assertArrayEquals(
                new double[] {-1, 0, 0.25, 0.25},
                PlainRun.run(upgraded, inputs).get("y").elements());
    }

    @Test
    void bodiesAreUpgradedToo() throws OrtException {
        GraphBuilder positive = new GraphBuilder("positive");
        GraphBuilder negative = new GraphBuilder("negative");
        OnnxModel model = OnnxModel.of(12, branches(positive, negative));
        OnnxModel upgraded = OperatorSetUpgrade.upgrade(model);
        compare(model, upgraded, Map.of("x", floats(1, 2, 3)));
        compare(model, upgraded, Map.of("x", floats(-1, -2, -3)));
    }

    /** {@code If(sum(x) > 0, x with a dimension in front, x with a dimension behind)}. */
    private static Graph branches(GraphBuilder positive, GraphBuilder negative) {
        List<Graph> bodies = new ArrayList<>();
        for (GraphBuilder body : List.of(positive, negative)) {
            long axis = bodies.size();
            String name = "out" + axis;
            Node node = new Node("", "", "Unsqueeze", List.of("x"), List.of(name), Map.of("axes", ints(axis)));
            bodies.add(new Graph(
                    "body" + axis,
                    List.of(node),
                    List.of(),
                    List.of(new Value(name, ElementType.FLOAT, null)),
                    Map.of(),
                    List.of()));
        }
        GraphBuilder builder = new GraphBuilder("outer");
        builder.input(Value.ofFloats("x", 3));
        builder.apply("sum", "ReduceSum", List.of("x"), Map.of("axes", ints(0), "keepdims", Attribute.of(0)));
        builder.apply("condition", "Greater", List.of("sum", builder.constant(0f)), NONE);
        builder.apply(
                "y",
                "If",
                List.of("condition"),
                Map.of(
                        "then_branch",
                        new Attribute.Subgraph(bodies.get(0)),
                        "else_branch",
                        new Attribute.Subgraph(bodies.get(1))));
        builder.output(new Value("y", ElementType.FLOAT, null));
        return builder.build();
    }

    @TestFactory
    Stream<DynamicTest> whatHasNoEquivalentIsRefusedByName() {
        TensorData x = tensor(2, 3, 4, 5);
        return Stream.of(
                        new OldNode(1, "ImageScaler", NONE, List.of(x)),
                        new OldNode(8, "Scan", NONE, List.of(x)),
                        new OldNode(5, "Tile", NONE, List.of(x, floats(2), floats(1))),
                        new OldNode(6, "BatchNormalization", Map.of("is_test", Attribute.of(0)), List.of(x)),
                        new OldNode(10, "Resize", NONE, List.of(x, floats(1, 1, 2, 0.5f))),
                        new OldNode(5, "Cast", Map.of("to", Attribute.of("colour")), List.of(x)))
                .map(old -> DynamicTest.dynamicTest(old.operator(), () -> {
                    OnnxModel model = old.model(1);
                    FieldfareException e =
                            assertThrows(FieldfareException.class, () -> OperatorSetUpgrade.upgrade(model));
                    assertTrue(e.getMessage().contains("'the node'"), e.getMessage());
                    assertTrue(e.getMessage().contains("operator set " + old.version()), e.getMessage());
                }));
    }

    @Test
    void newerModelsStayAsTheyAre() {
        OnnxModel model = new OldNode(18, "Relu", NONE, List.of(tensor(3))).model(1);
        assertSame(model, OperatorSetUpgrade.upgrade(model));
    }
}

package dev.fieldfare.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TestData;
import dev.fieldfare.autodiff.Adam;
import dev.fieldfare.autodiff.Kernels;
import dev.fieldfare.autodiff.SgdMomentum;
import dev.fieldfare.autodiff.SoftmaxCrossEntropy;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.board.ProcessMemory;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is planned for a run against sums worked out by hand, and against what ONNX Runtime says of the run itself. */
class RunMemoryTest {
    private final GraphBuilder builder = new GraphBuilder("test");

    private RunMemory planned() {
        OnnxModel model = OnnxModel.of(18, builder.build());
        return RunMemory.of(model.graph(), ShapeInference.values(model), 1);
    }

    private long floats() {
        return planned().peakBytes() / Float.BYTES;
    }

    private String product(String x, int from, int to) {
        String weight = builder.constant("w", TensorData.ofFloats(new float[from * to], from, to));
        return builder.apply("MatMul", List.of(x, weight));
    }

    /** 2 -> 100 -> 3 -> 50 -> 1: the widest neighbours; input and output are the caller's. */
    @Test
    void ofAChainTheWidestNeighbours() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String wide = product(product(product(x, 2, 100), 100, 3), 3, 50);
        builder.output(Value.ofFloats(product(wide, 50, 1), 1, 1));
        assertEquals(103, floats());
    }

    /** The first value lives on until the sum. The plan says where the peak is, and of what. */
    @Test
    void aSkipConnectionStaysAlive() {
        String x = builder.input(Value.ofFloats("x", 1, 10));
        String skip = product(x, 10, 20);
        String wide = product(skip, 20, 100);
        String narrow = product(wide, 100, 30);
        String same = product(narrow, 30, 20);
        builder.output(Value.ofFloats(builder.apply("Add", List.of(skip, same)), 1, 20));
        RunMemory planned = planned();
        assertEquals((20 + 100 + 30) * Float.BYTES, planned.peakBytes());
        assertEquals("MatMul node '" + narrow + "'", planned.node());
        assertEquals(List.of(wide, narrow, skip), List.copyOf(planned.alive().keySet()));
    }

    @Test
    void someOperatorsWriteOverTheirOperand() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String wide = builder.apply("Relu", List.of(product(x, 2, 100)));
        builder.output(Value.ofFloats(product(wide, 100, 1), 1, 1));
        assertEquals(100, floats());
    }

    @Test
    void othersDoNot() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String wide = builder.apply("Exp", List.of(product(x, 2, 100)));
        builder.output(Value.ofFloats(product(wide, 100, 1), 1, 1));
        assertEquals(200, floats());
    }

    /** Another reader, or another shape, and it needs a buffer of its own. */
    @Test
    void notWhatSomebodyStillReads() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String wide = product(x, 2, 100);
        String positive = builder.apply("Relu", List.of(wide));
        String both = builder.apply("Concat", List.of(wide, positive), Map.of("axis", Attribute.of(1)));
        builder.output(Value.ofFloats(product(both, 200, 1), 1, 1));
        assertEquals(400, floats());
    }

    /** A dead buffer waits for the next value of its shape, even while larger ones come and go. */
    @Test
    void deadBuffersAreKeptForLaterValues() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String first = product(x, 2, 100);
        String narrow = product(first, 100, 3);
        String wide = product(product(narrow, 3, 5), 5, 1000);
        String again = product(product(wide, 1000, 7), 7, 100);
        builder.output(Value.ofFloats(product(again, 100, 1), 1, 1));
        assertEquals(100 + 1000 + 7, floats());
    }

    @Test
    void viewsTakeNothing() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String view = builder.apply("Reshape", List.of(product(x, 2, 100), builder.constant(100L, 1L)));
        builder.output(Value.ofFloats(product(view, 1, 1), 100, 1));
        assertEquals(100, floats());
    }

    /** Weights and what is computed from weights alone are no activations. */
    @Test
    void constantsDoNotCount() {
        String x = builder.input(Value.ofFloats("x", 1, 2));
        String weight = builder.constant("w", TensorData.ofFloats(new float[2000], 1000, 2));
        String turned = builder.apply("Transpose", List.of(weight), Map.of("perm", Attribute.of(new long[] {1, 0})));
        builder.output(Value.ofFloats(builder.apply("MatMul", List.of(x, turned)), 1, 1000));
        assertEquals(0, floats());
    }

    /** Between dequantized inputs and a quantized output there are no floats. */
    @Test
    void quantizedOperatorsComputeWithIntegers() {
        String x = builder.input(Value.ofFloats("x", 1, 2, 10, 10));
        String scale = builder.constant(0.1f);
        String zero = builder.constant("zero", new TensorData(ElementType.UINT8, Shape.of(), ByteBuffer.allocate(1)));
        String integers = builder.apply("QuantizeLinear", List.of(x, scale, zero));
        String floats = builder.apply("DequantizeLinear", List.of(integers, scale, zero));
        String weight = builder.apply(
                "DequantizeLinear",
                List.of(
                        builder.constant(
                                "weight",
                                new TensorData(ElementType.UINT8, Shape.of(3, 2, 1, 1), ByteBuffer.allocate(6))),
                        scale,
                        zero));
        String sum = builder.apply("Relu", List.of(builder.apply("Conv", List.of(floats, weight))));
        String narrow = builder.apply("QuantizeLinear", List.of(sum, scale, zero));
        builder.output(Value.ofFloats(builder.apply("DequantizeLinear", List.of(narrow, scale, zero)), 1, 3, 10, 10));
        OnnxModel model = OnnxModel.of(18, builder.build());
        assertEquals(
                List.of("QuantizeLinear", "QLinearConv", "DequantizeLinear"),
                ExecutionOrder.of(model.graph(), ShapeInference.values(model)).stream()
                        .map(Node::operator)
                        .toList());
        // Input and output of the convolution, and both with the channels last.
        assertEquals(2 * (200 + 300), planned().peakBytes());
    }

    /** The order and the bytes of a run are those that ONNX Runtime reports itself, to the byte. */
    @ParameterizedTest(name = "{0}, {2} threads")
    @MethodSource({"graphs", "networks"})
    void isWhatOnnxRuntimeDoes(String name, OnnxModel model, int threads, @TempDir Path folder) throws Exception {
        Map<String, Value> values = ShapeInference.values(model);
        List<Node> order = ExecutionOrder.of(model.graph(), values);
        Measured measured = Measured.of(model, threads, folder);
        assertEquals(
                measured.order(), order.stream().map(node -> node.output(0)).toList());

        Buffers buffers = Buffers.of(model.graph(), order, values);
        long allocated = 0;
        long workspace = 0;
        for (int i = 0; i < order.size(); i++) {
            allocated += buffers.allocated(i).stream()
                    .mapToLong(buffer -> (Workspace.bytes(values.get(buffer)) + 255) / 256 * 256)
                    .sum();
            workspace += Workspace.of(order.get(i), values, threads).stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
        assertEquals(measured.allocated(), allocated);
        // Small convolutions run on fewer threads than there are.
        assertTrue(
                measured.workspace() <= workspace && measured.workspace() >= 0.8 * workspace,
                measured.workspace() + " of " + workspace);
    }

    private static Stream<Arguments> graphs() {
        return Stream.of(
                Arguments.of("gradients", training(new SgdMomentum(0.9f), false), 1),
                Arguments.of("gradients of small maps", invertedResidual(8, 24, false), 1),
                Arguments.of("gradients of small maps, added up", invertedResidual(8, 24, true), 1),
                Arguments.of("gradients of blocks of channels", blocked(24, 96), 1),
                Arguments.of("gradients of blocks of few channels", blocked(12, 48), 2),
                Arguments.of("an update with momentum", training(new SgdMomentum(0.9f), true), 1),
                Arguments.of("an update with Adam", training(Adam.standard(), true), 2),
                Arguments.of("convolutions", convolutions(1), 1),
                Arguments.of("convolutions, four pictures", convolutions(4), 2),
                Arguments.of("activations", activations(), 2));
    }

    private static String weight(GraphBuilder builder, String name, long... sizes) {
        return builder.input(Value.ofFloats(name, sizes));
    }

    /** Two layers, trained. */
    private static OnnxModel training(UpdateRule rule, boolean update) {
        GraphBuilder builder = new GraphBuilder("two layers");
        String x = builder.input(Value.ofFloats("x", 16, 30));
        String hidden = builder.apply("Gemm", List.of(x, weight(builder, "w1", 30, 40), weight(builder, "b1", 40)));
        String kept = builder.apply("Relu", List.of(hidden));
        builder.apply(
                "logits", "Gemm", List.of(kept, weight(builder, "w2", 40, 5), weight(builder, "b2", 5)), Map.of());
        SoftmaxCrossEntropy.emit(builder, "logits", builder.input(Value.ofFloats("y", 16, 5)), "loss");
        builder.output(new Value("loss", ElementType.FLOAT, Shape.of()));
        OnnxModel model = OnnxModel.of(18, builder.build());
        TrainingGraph.Forward forward =
                new TrainingGraph.Forward(model, ShapeInference.of(model), "loss", List.of("w1", "b1", "w2", "b2"));
        TrainingGraph training = TrainingGraph.of(forward, Updates.of(rule).accumulating(1));
        return update ? training.update() : training.gradients();
    }

    /** As this processor's ONNX Runtime runs them best. */
    private static OnnxModel blocked(long narrow, long wide) {
        OnnxModel model = BlockedChannels.of(training(narrow, wide, true, new Kernels(Engine.channelBlock())));
        return named(model);
    }

    /** Of maps so small that its convolutions become products of matrices. */
    private static OnnxModel invertedResidual(long narrow, long wide, boolean accumulate) {
        return named(training(narrow, wide, accumulate, Kernels.STANDARD));
    }

    /** An inverted residual, trained. */
    private static OnnxModel training(long narrow, long wide, boolean accumulate, Kernels kernels) {
        GraphBuilder builder = new GraphBuilder("inverted residual");
        String x = builder.input(Value.ofFloats("x", 4, narrow, 7, 7));
        String expanded = builder.apply(
                "Conv", List.of(x, weight(builder, "w1", wide, narrow, 1, 1), weight(builder, "b1", wide)), Map.of());
        String clipped = builder.apply("Clip", List.of(expanded, builder.constant(0f), builder.constant(6f)));
        String filtered = builder.apply(
                "Conv",
                List.of(clipped, weight(builder, "w2", wide, 1, 3, 3), weight(builder, "b2", wide)),
                Map.of("group", Attribute.of(wide), "pads", Attribute.of(new long[] {1, 1, 1, 1})));
        String again = builder.apply("Clip", List.of(filtered, builder.constant(0f), builder.constant(6f)));
        String projected = builder.apply(
                "Conv",
                List.of(again, weight(builder, "w3", narrow, wide, 1, 1), weight(builder, "b3", narrow)),
                Map.of());
        String sum = builder.apply("Add", List.of(x, projected));
        String mean = builder.apply("GlobalAveragePool", List.of(sum));
        String row = builder.apply("Flatten", List.of(mean));
        builder.apply(
                "logits", "Gemm", List.of(row, weight(builder, "w4", narrow, 5), weight(builder, "b4", 5)), Map.of());
        SoftmaxCrossEntropy.emit(builder, "logits", builder.input(Value.ofFloats("y", 4, 5)), "loss");
        builder.output(new Value("loss", ElementType.FLOAT, Shape.of()));
        OnnxModel model = OnnxModel.of(18, builder.build());
        List<String> parameters = List.of("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4");
        TrainingGraph.Forward forward = new TrainingGraph.Forward(model, ShapeInference.of(model), "loss", parameters);
        Updates updates = Updates.of(new SgdMomentum(0.9f));
        return TrainingGraph.of(forward, accumulate ? updates.accumulating(1) : updates, kernels)
                .gradients();
    }

    private static Map<String, Attribute> padded(long pad) {
        return Map.of("pads", Attribute.of(new long[] {pad, pad, pad, pad}));
    }

    /** Every kind of convolution there is a formula for, with activations and a sum behind some. */
    private static OnnxModel convolutions(long pictures) {
        GraphBuilder builder = new GraphBuilder("convolutions");
        String x = builder.input(Value.ofFloats("x", pictures, 3, 32, 32));
        String stem = builder.apply(
                "Relu",
                List.of(builder.apply(
                        "Conv", List.of(x, weight(builder, "w0", 16, 3, 3, 3), weight(builder, "b0", 16)), padded(1))));
        String depthwise = builder.apply(
                "Conv",
                List.of(stem, weight(builder, "w1", 16, 1, 3, 3)),
                Map.of(
                        "group", Attribute.of(16),
                        "pads", Attribute.of(new long[] {1, 1, 1, 1}),
                        "strides", Attribute.of(new long[] {2, 2})));
        String clipped = builder.apply("Clip", List.of(depthwise, builder.constant(0f), builder.constant(6f)));
        String pointwise =
                builder.apply("Conv", List.of(clipped, weight(builder, "w2", 8, 16, 1, 1), weight(builder, "b2", 8)));
        String deeper = builder.apply(
                "Conv", List.of(pointwise, weight(builder, "w3", 8, 8, 3, 3), weight(builder, "b3", 8)), padded(1));
        String sum = builder.apply("Add", List.of(pointwise, deeper));
        String strided = builder.apply(
                "Conv",
                List.of(sum, weight(builder, "w4", 128, 8, 5, 5)),
                Map.of("strides", Attribute.of(new long[] {2, 2})));
        String back = builder.apply("ConvTranspose", List.of(strided, weight(builder, "w5", 128, 8, 3, 3)));
        String pooled = builder.apply("GlobalAveragePool", List.of(back));
        builder.output(Value.ofFloats(pooled, pictures, 8, 1, 1));
        return OnnxModel.of(18, builder.build());
    }

    /** Each in turn on a value that only it reads; a product between them is never merged with either. */
    private static OnnxModel activations() {
        GraphBuilder builder = new GraphBuilder("activations");
        String value = builder.input(Value.ofFloats("x", 4, 6, 10, 10));
        String weight = weight(builder, "w", 10, 10);
        for (String operator : List.of(
                "Relu",
                "LeakyRelu",
                "Elu",
                "Selu",
                "Sigmoid",
                "HardSigmoid",
                "Tanh",
                "Softplus",
                "Softsign",
                "Abs",
                "Neg",
                "Exp",
                "Sqrt",
                "Reciprocal",
                "Erf",
                "Softmax",
                "LogSoftmax")) {
            value = builder.apply("MatMul", List.of(value, weight));
            value = builder.apply(operator, List.of(value));
        }
        String condition = builder.apply("Greater", List.of(value, builder.constant(0.5f)));
        String chosen = builder.apply("Where", List.of(condition, value, builder.constant(0f)));
        String mask = builder.apply("Cast", List.of(condition), Map.of("to", Attribute.of(ElementType.FLOAT.code())));
        String product = builder.apply("Mul", List.of(chosen, mask));
        String otherAxis = builder.apply("Softmax", List.of(product), Map.of("axis", Attribute.of(1)));
        String sum = builder.apply(
                "ReduceSum", List.of(otherAxis, builder.constant(0L, 2L, 3L)), Map.of("keepdims", Attribute.of(0)));
        builder.output(Value.ofFloats(sum, 6));
        return OnnxModel.of(18, builder.build());
    }

    /** What the kernel counts as this process's memory grows by what was planned. */
    @Test
    void isWhatTheProcessGrowsBy() {
        OptionalLong known = ProcessMemory.resident();
        Assumptions.assumeTrue(known.isPresent(), "this system does not tell a process its memory");
        OnnxModel model = convolutions(400);
        Map<String, Tensor> inputs = Measured.zeros(model.graph().requiredInputs());
        Map<String, Tensor> outputs = Measured.zeros(model.graph().outputs());
        long planned =
                RunMemory.of(model.graph(), ShapeInference.values(model), 1).arenaBytes();
        try (Session session = Session.open("convolutions", model, SessionSettings.ofThreads(1))) {
            long before = ProcessMemory.resident().orElseThrow();
            session.run(inputs, outputs);
            session.run(inputs, outputs);
            long grown = ProcessMemory.resident().orElseThrow() - before;
            assertTrue(
                    Math.abs(grown - planned) < 0.15 * planned,
                    "planned " + planned + " bytes, the process grew by " + grown);
        }
        inputs.values().forEach(Tensor::close);
        outputs.values().forEach(Tensor::close);
    }

    /** Real networks for two pictures, their weights as inputs, as in training. */
    private static Stream<Arguments> networks() {
        return Stream.of(
                        "mbv2-w0.35-128.fp32",
                        "mcunet-5fps-128.fp32",
                        "mobilenet_v1_0.25_128_quant.fp32",
                        "mobilenet_v2_1.0_224_quant.fp32",
                        "resnet8_cifar10_bn")
                .flatMap(name -> TestData.list("models", name + ".onnx").stream())
                .map(file -> Arguments.of(String.valueOf(file.getFileName()), forTwoPictures(OnnxFile.read(file)), 2));
    }

    private static OnnxModel forTwoPictures(OnnxModel model) {
        Graph graph = model.graph();
        Value input = graph.requiredInputs().getFirst();
        GraphBuilder builder = GraphBuilder.from(graph);
        builder.setInputs(
                List.of(input.withShape(Objects.requireNonNull(input.shape()).with(0, 2))));
        graph.initializers().forEach((name, data) -> {
            if (data.shape().elements() > 64) {
                builder.toInput(name);
            }
        });
        builder.clearValues();
        OnnxModel open = new OnnxModel(8, model.operatorSets(), builder.build(), Map.of(), model.functions());
        String output = graph.outputs().getFirst().name();
        builder.setOutputs(
                List.of(Objects.requireNonNull(ShapeInference.values(open).get(output))));
        return named(open.withGraph(builder.build()));
    }

    /** The profile calls a node by its name. */
    private static OnnxModel named(OnnxModel model) {
        GraphBuilder builder = GraphBuilder.withoutNodes(model.graph());
        model.graph()
                .nodes()
                .forEach(node -> builder.add(new Node(
                        node.output(0),
                        node.domain(),
                        node.operator(),
                        node.inputs(),
                        node.outputs(),
                        node.attributes())));
        return model.withGraph(builder.build());
    }
}

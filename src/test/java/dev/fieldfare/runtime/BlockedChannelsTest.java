package dev.fieldfare.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.autodiff.Differentiation;
import dev.fieldfare.autodiff.Kernels;
import dev.fieldfare.autodiff.SgdMomentum;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the same network's training graph in the standard form, whose rules are checked against finite differences. */
class BlockedChannelsTest {
    private static final int CLASSES = 3;
    private static final String LOSS = "loss";

    /** The value of every input, the same for all forms of a graph. */
    private static final Seed SEED = new Seed(11);

    @BeforeEach
    void thereAreSuchKernels() {
        Assumptions.assumeTrue(
                Engine.channelBlock() > 1, "this processor's ONNX Runtime has no convolutions on blocks of channels");
    }

    /** A mobile network: a first convolution, a separable one, an inverted residual, and a last one. */
    private static final class Network {
        private final GraphBuilder builder = new GraphBuilder("network");
        private final List<String> parameters = new ArrayList<>();

        private String convolution(String name, String x, long[] weight, Map<String, Attribute> attributes) {
            String w = builder.input(Value.ofFloats(name + ".weight", weight));
            String b = builder.input(Value.ofFloats(name + ".bias", weight[0]));
            parameters.addAll(List.of(w, b));
            return builder.apply(name, "Conv", List.of(x, w, b), attributes);
        }

        private String depthwise(String name, String x, long channels, long kernel, long stride, String activation) {
            String y = convolution(
                    name,
                    x,
                    new long[] {channels, 1, kernel, kernel},
                    Map.of(
                            "group", Attribute.of(channels),
                            "strides", Attribute.of(new long[] {stride, stride}),
                            "pads", Attribute.of(same(kernel))));
            return activated(y, activation);
        }

        private String activated(String y, String activation) {
            return activation.equals("Clip")
                    ? builder.apply("Clip", List.of(y, builder.constant(0f), builder.constant(1.5f)))
                    : builder.apply(activation, List.of(y));
        }

        private static long[] same(long kernel) {
            long pad = kernel / 2;
            return new long[] {pad, pad, pad, pad};
        }

        /** Its gradients by all parameters. */
        TrainingGraph training(
                long pictures, long size, long narrow, long kernel, long stride, String activation, int block) {
            String x = builder.input(Value.ofFloats("x", pictures, 3, size, size));
            x = convolution(
                    "first", x, new long[] {32, 3, 3, 3}, Map.of("pads", Attribute.of(new long[] {1, 1, 1, 1})));
            x = activated(x, activation);
            x = depthwise("separable", x, 32, 3, 1, activation);
            String thin = convolution("project1", x, new long[] {narrow, 32, 1, 1}, Map.of());
            x = activated(convolution("expand", thin, new long[] {48, narrow, 1, 1}, Map.of()), activation);
            x = depthwise("depthwise", x, 48, kernel, stride, activation);
            x = convolution("project2", x, new long[] {narrow, 48, 1, 1}, Map.of());
            x = stride == 1 ? builder.apply("Add", List.of(thin, x)) : x;
            x = activated(convolution("head", x, new long[] {48, narrow, 1, 1}, Map.of()), activation);
            x = builder.apply("GlobalAveragePool", List.of(x));
            x = builder.apply("Flatten", List.of(x));
            String last = builder.input(Value.ofFloats("last", 48, CLASSES));
            parameters.add(last);
            String logits = builder.apply("logits", "MatMul", List.of(x, last), Map.of());
            String shares = builder.input(Value.ofFloats("shares", pictures, CLASSES));
            String weighted = builder.apply("Mul", List.of(logits, shares));
            // Squares, whose sum does not cancel out.
            String squares = builder.apply("Mul", List.of(weighted, weighted));
            builder.apply(LOSS, "ReduceSum", List.of(squares), Map.of("keepdims", Attribute.of(0)));
            builder.output(Value.ofFloats(LOSS));
            builder.output(Value.ofFloats(logits, pictures, CLASSES));
            OnnxModel model = OnnxModel.of(Differentiation.OPERATOR_SET, builder.build());
            TrainingGraph.Forward forward =
                    new TrainingGraph.Forward(model, ShapeInference.of(model), LOSS, parameters);
            return TrainingGraph.of(forward, Updates.of(new SgdMomentum(0)), new Kernels(block));
        }
    }

    private static Map<String, Tensor> tensors(List<Value> values, boolean random) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Value value : values) {
            Tensor tensor = Tensor.zeros(Objects.requireNonNull(value.shape()));
            if (random) {
                RandomGenerator generator = SEED.generator(value.name());
                for (int i = 0; i < tensor.elements().capacity(); i++) {
                    tensor.elements().put(i, generator.nextFloat(-0.5f, 0.5f));
                }
            }
            tensors.put(value.name(), tensor);
        }
        return tensors;
    }

    private static Map<String, float[]> arrays(Map<String, Tensor> tensors) {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            arrays.put(name, tensor.toArray());
            tensor.close();
        });
        return arrays;
    }

    private static Map<String, float[]> run(OnnxModel model) {
        Map<String, Tensor> inputs = tensors(model.graph().inputs(), true);
        Map<String, Tensor> outputs = tensors(model.graph().outputs(), false);
        try (Session session = Session.open("test", model, SessionSettings.ofThreads(1))) {
            session.run(inputs, outputs);
        }
        inputs.values().forEach(Tensor::close);
        return arrays(outputs);
    }

    /** First what depends on the weights alone, then the rest. */
    private static Map<String, float[]> run(LoopInvariants cut) {
        OnnxModel once = Objects.requireNonNull(cut.once());
        Map<String, Tensor> handedOver = tensors(cut.handedOver(), false);
        Map<String, Tensor> weights = tensors(once.graph().inputs(), true);
        try (Session session = Session.open("once", once, SessionSettings.ofThreads(1))) {
            session.run(weights, handedOver);
        }
        Map<String, Tensor> inputs = tensors(cut.each().graph().inputs(), true);
        inputs.putAll(handedOver);
        Map<String, Tensor> outputs = tensors(cut.each().graph().outputs(), false);
        try (Session session = Session.open("each", cut.each(), SessionSettings.ofThreads(1))) {
            session.run(inputs, outputs);
        }
        return arrays(outputs);
    }

    private static void assertSameNumbers(Map<String, float[]> expected, Map<String, float[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, numbers) -> {
            float[] computed = Objects.requireNonNull(actual.get(name));
            double largest = 1e-3;
            for (float number : numbers) {
                largest = Math.max(largest, Math.abs(number));
            }
            for (int i = 0; i < numbers.length; i++) {
                assertEquals(numbers[i], computed[i], 2e-5 * largest, name + "[" + i + "]");
            }
        });
    }

    private static List<Node> blocked(OnnxModel model, String operator) {
        return model.graph().nodes().stream()
                .filter(node -> node.domain().equals(Engine.BLOCKED_DOMAIN)
                        && node.operator().equals(operator))
                .toList();
    }

    @ParameterizedTest(name = "{0} pictures of {1}, {2} channels between, kernel {3}, stride {4}, {5}")
    @CsvSource({
        "2, 8, 32, 3, 1, Clip",
        "1, 9, 32, 3, 1, Relu",
        "2, 8, 24, 3, 1, Clip", // does not fill its blocks
        "2, 7, 32, 5, 1, HardSwish", // no part of a convolution
        "2, 9, 32, 3, 2, Clip",
        "1, 56, 24, 3, 2, Clip", // taken apart into phases
        "2, 28, 32, 5, 2, Relu",
        "2, 8, 8, 3, 1, Clip", // fewer than a block
        "1, 7, 6, 3, 1, Clip", // cannot be brought into blocks
    })
    void computesTheSame(long pictures, long size, long narrow, long kernel, long stride, String activation) {
        int block = Engine.channelBlock();
        OnnxModel standard = new Network()
                .training(pictures, size, narrow, kernel, stride, activation, 1)
                .gradients();
        TrainingGraph training = new Network().training(pictures, size, narrow, kernel, stride, activation, block);
        OnnxModel model = BlockedChannels.of(training.gradients());
        assertTrue(blocked(model, "Conv").size() >= 4);

        Map<String, float[]> expected = run(standard);
        assertEquals(training.parameters().size() + 2, expected.size());
        assertSameNumbers(expected, run(training.gradients()));
        assertSameNumbers(expected, run(model));
        List<String> parameters =
                training.parameters().stream().map(Value::name).toList();
        LoopInvariants cut = LoopInvariants.of(model, ShapeInference.values(model), parameters);
        assertSameNumbers(expected, run(cut));
        assertTrue(blocked(Objects.requireNonNull(cut.once()), "ReorderInput").size() >= 2);
    }

    @Test
    void keepsWhatLiesInBlocksThereAsLongAsItCan() {
        TrainingGraph training = new Network().training(2, 8, 32, 3, 1, "Clip", Engine.channelBlock());
        OnnxModel model = BlockedChannels.of(training.gradients());
        // Every convolution of the forward pass takes its activation in; the second projection takes the sum.
        assertEquals(
                0,
                model.graph().nodes().stream().filter(node -> node.is("Clip")).count());
        assertEquals(
                1,
                blocked(model, "Conv").stream()
                        .filter(node ->
                                node.inputs().size() == 4 && node.input(2).equals("project2.bias"))
                        .count());
        // The gradient comes from a pool and is masked plain; nothing else of a picture's size is brought into blocks.
        assertEquals(
                List.of("Clip_4/Mul"),
                blocked(model, "ReorderInput").stream()
                        .map(node -> node.input(0))
                        .filter(input -> !input.endsWith("/laid"))
                        .toList());
    }

    @Test
    void leavesAlone() {
        TrainingGraph standard = new Network().training(2, 8, 24, 3, 1, "Clip", 1);
        assertSame(standard.gradients(), BlockedChannels.of(standard.gradients(), 1));
        assertSame(standard.update(), BlockedChannels.of(standard.update()));
    }

    @Test
    void cutsOnlyWhatDependsOnTheWeightsAlone() {
        TrainingGraph training = new Network().training(2, 8, 32, 3, 1, "Clip", Engine.channelBlock());
        OnnxModel model = BlockedChannels.of(training.gradients());
        Map<String, Value> values = ShapeInference.values(model);
        LoopInvariants nothing = LoopInvariants.of(model, values, List.of());
        assertSame(model, nothing.each());
        LoopInvariants one = LoopInvariants.of(model, values, List.of("expand.weight"));
        OnnxModel once = Objects.requireNonNull(one.once());
        assertEquals(
                List.of("expand.weight"),
                once.graph().inputs().stream().map(Value::name).toList());
        assertTrue(one.each().graph().inputs().stream()
                .anyMatch(input -> input.name().equals("expand.bias")));
        assertTrue(one.each().graph().outputs().stream()
                .anyMatch(output -> output.name().equals(UpdateRule.gradient("expand.weight"))));
    }
}

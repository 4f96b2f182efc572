package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestData;
import dev.fieldfare.TestModels;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DepthsTest {
    private static Depths of(ClassifierModel model) {
        Trunk trunk = model.trunk();
        return new Depths(trunk, ShapeInference.of(trunk.model()), true);
    }

    private static Depths of(String network) {
        OnnxModel model = TextNetwork.of(network);
        return new Depths(new Trunk(model, "x", "f", "Gemm node"), ShapeInference.of(model), true);
    }

    private static List<String> names(Suffix suffix) {
        return suffix.parameters().stream().map(Parameter::name).toList();
    }

    /** A stem and six residual blocks. */
    @Test
    void theShippedModel() {
        Depths depths = of(TestModels.shipped());
        assertEquals(7, depths.blocks());
        assertEquals("image", depths.all().cut());
        for (int i = 1; i <= 6; i++) {
            int before = 5 - i;
            assertEquals(
                    before < 0 ? "stem.relu" : "blocks." + before,
                    depths.lastBlocks(i).cut());
        }
        assertEquals(
                List.of(
                        "blocks.5.conv1.weight",
                        "blocks.5.conv1.bias",
                        "blocks.5.conv2.weight",
                        "blocks.5.conv2.bias",
                        "blocks.5.short.weight",
                        "blocks.5.short.bias"),
                names(depths.lastBlocks(1)));
        assertTrue(depths.last().isEmpty());
        assertEquals(List.of(), names(depths.last()));
    }

    /** Each depth trains what the one before does, and more; the deepest trains all there is. */
    @Test
    void depthsLieWithinEachOther() {
        ClassifierModel model = TestModels.shipped();
        Depths depths = of(model);
        Set<String> shallower = new HashSet<>();
        for (int i = 1; i <= depths.blocks(); i++) {
            Set<String> deeper = new HashSet<>(names(depths.lastBlocks(i)));
            assertTrue(deeper.containsAll(shallower) && deeper.size() > shallower.size(), i + " blocks");
            shallower = deeper;
        }
        assertEquals(model.trunk().model().graph().initializers().keySet(), shallower);
    }

    /** The published numbers of blocks: a stem and so many of them. */
    @ParameterizedTest
    @CsvSource({
        "mobilenet_v2_1.0_224_quant.fp32, 18",
        "mobilenetv2-12-qdq, 18",
        "mbv2-w0.35-128.fp32, 18",
        "mobilenet_v1_0.25_128_quant.fp32, 14",
        "squeezenet1.0-deepcompressed-fp32, 9",
        "resnet8_cifar10_bn, 4",
        "mnist-8, 2",
        "tribuo_cnn_mnist, 2"
    })
    void blocksOfRealNetworks(String name, int blocks) {
        Path file = TestData.path("models/" + name + ".onnx");
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        Depths depths = of(model);
        assertEquals(blocks, depths.blocks());
        assertEquals(model.inputName(), depths.all().cut());
        long deeper = 0;
        for (int i = 1; i <= blocks; i++) {
            List<Parameter> parameters = depths.lastBlocks(i).parameters();
            assertTrue(parameters.size() > deeper, i + " blocks train more than one less");
            deeper = parameters.size();
        }
    }

    /** An inverted residual begins at its narrow end: features kept there take least room. */
    @Test
    void blocksOfMobileNetBeginAtTheirNarrowEnds() {
        Path file = TestData.path("models/mobilenet_v2_1.0_224_quant.fp32.onnx");
        Depths depths = of(ClassifierModel.open(file, CardDocument.EMPTY));
        // Table 2 of Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018, from its end.
        long[][] expected = {{160, 7}, {160, 7}, {160, 7}, {96, 14}, {96, 14}, {96, 14}, {64, 14}, {64, 14}, {64, 14}};
        for (int i = 0; i < expected.length; i++) {
            var shape = depths.lastBlocks(i + 1).shape();
            assertEquals(expected[i][0] * expected[i][1] * expected[i][1], shape.elements(), i + 1 + " blocks");
        }
    }

    private static final String RESIDUAL = "a conv3:4 x; b relu a; l conv3:4 b; s conv1:4 b; m relu l; n conv3:4 m;"
            + " t add n s; u relu t; v conv3:4 u; e gap v; f flatten e";

    /** The suffix begins where the network can be cut; only what depends on the node is trained. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        l  | b | l.weight l.bias n.weight n.bias v.weight v.bias
        /l | b | l.weight l.bias n.weight n.bias v.weight v.bias
        s  | b | s.weight s.bias v.weight v.bias
        m  | b | n.weight n.bias v.weight v.bias
        n  | b | n.weight n.bias v.weight v.bias
        t  | b | v.weight v.bias
        /v | u | v.weight v.bias
        e  | v |
        a  | x | a.weight a.bias l.weight l.bias s.weight s.bias n.weight n.bias v.weight v.bias
        """)
    void fromANode(String node, String cut, String parameters) {
        Suffix suffix = of(RESIDUAL).from(node);
        assertEquals(cut, suffix.cut());
        assertEquals(parameters == null ? "" : parameters, String.join(" ", names(suffix)));
    }

    /** A normalization is part of its convolution, unless the cut lies between them. */
    @Test
    void fromANodeOfANormalizedNetwork() {
        Depths depths = of("a conv3:4 x; an normalize a; b relu an; c conv3:4 b; cn normalize c; d relu cn; e gap d;"
                + " f flatten e");
        assertEquals(List.of("c.weight", "c.bias"), names(depths.from("c")));
        assertEquals(List.of("cn.scale", "cn.bias"), names(depths.from("cn")));
        assertEquals(List.of("c.weight", "c.bias"), names(depths.lastBlocks(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"block.5.conv2", "blocks.5.conv22"})
    void aMisspeltNodeIsRefusedWithOneThatMayBeMeant(String name) {
        String message = assertThrows(
                        FieldfareException.class, () -> of(TestModels.shipped()).from(name))
                .getMessage();
        assertTrue(message.startsWith("--train from:" + name + ": the network has no node of that name"), message);
        assertTrue(message.contains("did you mean 'blocks.5.conv2'?"), message);
    }

    /** Nothing is near; the last layers are named, from the last on. */
    @Test
    void anUnknownNodeIsRefusedWithTheLastOnes() {
        Depths depths = of("a conv3:4 x; b relu a; c conv3:4 b; e gap c; f flatten e");
        String message = assertThrows(FieldfareException.class, () -> depths.from("something else"))
                .getMessage();
        assertTrue(message.endsWith("from the last on, c, a"), message);
        assertFalse(message.contains("did you mean"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 4})
    void aNumberOfBlocksThatThereIsNotIsAMistakeOfOurs(int count) {
        Depths depths = of(RESIDUAL);
        assertEquals(3, depths.blocks());
        assertThrows(IllegalArgumentException.class, () -> depths.lastBlocks(count));
    }
}

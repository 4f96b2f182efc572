package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.TextNetwork;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {
    private static final String RESIDUAL = "a conv3:4 x; b relu a; l conv3:4 b; s conv1:4 b; m relu l; n conv3:4 m;"
            + " t add n s; u relu t; v conv3:4 u; e gap v; f flatten e";

    private static Blocks blocks(String network) {
        OnnxModel model = TextNetwork.of(network);
        return Blocks.of(model.graph(), ShapeInference.of(model));
    }

    private static String names(List<Blocks.Cut> cuts) {
        return String.join(" ", cuts.stream().map(Blocks.Cut::value).toList());
    }

    /** Worked out by hand. A cut is where the drawing of the network has one line only. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        chain                  | x a b c d e f     | x b     | a conv3:4 x; b relu a; c conv3:4 b; d relu c; e gap d; f flatten e
        residual, interleaved  | x a b t u v e f   | x b u   | a conv3:4 x; b relu a; l conv3:4 b; s conv1:4 b; m relu l; n conv3:4 m; t add n s; u relu t; v conv3:4 u; e gap v; f flatten e
        squeeze, then concat   | x a s c t d e f   | x s t   | a conv3:8 x; s conv1:2 a; p conv1:4 s; q conv3:4 s; c concat p q; t conv1:2 c; r conv1:4 t; w conv3:4 t; d concat r w; e gap d; f flatten e
        two ways to an Add     | x c e f           | x       | a conv3:4 x; b conv3:4 x; c add a b; e gap c; f flatten e
        inverted residuals     | x a p q r v w y z e f | x a r v | a conv3:4 x; p conv1:12 a; q depthwise p; r conv1:4 q; s conv1:12 r; t depthwise s; u conv1:4 t; v add u r; w conv1:12 v; y depthwise w; z conv1:4 y; e gap z; f flatten e
        a gate beside its way  | x a m n e f       | x m     | a conv3:4 x; g gap a; h sigmoid g; m mul a h; n conv3:4 m; e gap n; f flatten e
        a constant beside it   | x a b n e f       | x b     | k constant:4; a conv3:4 x; j constant:4; b add a k; n conv3:4 b; e gap n; f flatten e
        read twice by one node | x a b c e f       | x b     | a conv3:4 x; b mul a a; c conv3:4 b; e gap c; f flatten e
        the input passes by    | x c d e f         | x c     | a conv3:3 x; b relu a; c add b x; d conv3:4 c; e gap d; f flatten e
        only matrices          | x g e a b c d     | x b     | g gap x; e flatten g; a gemm:6 e; b relu a; c gemm:4 b; d relu c
        only points            | x a b c d e f     | x a b c | a conv1:2 x; b conv1:8 a; c conv1:4 b; d conv1:4 c; e gap d; f flatten e
        no weights at all      | x e f             | x       | e gap x; f flatten e
        """)
    void cutsAndBlocks(String name, String cuts, String starts, String network) {
        Blocks blocks = blocks(network);
        assertEquals(cuts, names(blocks.cuts()));
        assertEquals(starts, names(blocks.starts()));
    }

    /** Positions count nodes: the one before a cut computes its value. */
    @Test
    void aCutLiesBehindTheNodeThatComputesIt() {
        List<Node> nodes = TextNetwork.of(RESIDUAL).graph().nodes();
        for (Blocks.Cut cut : blocks(RESIDUAL).cuts()) {
            assertEquals(
                    cut.value(),
                    cut.position() == 0 ? "x" : nodes.get(cut.position() - 1).output(0));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, u", "2, b", "3, x", "4, x", "100, x"})
    void lastBlocksAreCountedFromTheEnd(int count, String start) {
        assertEquals(start, blocks(RESIDUAL).lastBlocks(count).value());
    }

    /** Nodes a b l s m n t u v e f: the last cut at or before each. */
    @ParameterizedTest
    @CsvSource({"0, x", "1, a", "2, b", "3, b", "5, b", "6, b", "7, t", "8, u", "10, e"})
    void theCutBeforeANode(int position, String cut) {
        assertEquals(cut, blocks(RESIDUAL).before(position).value());
    }
}

package dev.fieldfare.noise;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A branch of a network that is added to a shortcut around it. Of the two things that an {@code Add} adds, the branch is
 * the one with more layers of its own; with equally many, there is no telling which is the shortcut, and none is a branch.
 *
 * @param sum the {@code Add}
 * @param operand which of its inputs the branch ends in
 */
record ResidualBranch(Node sum, int operand) {
    private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    /** The value that the branch computes. */
    String end() {
        return sum.input(operand);
    }

    /**
     * All of a graph, in running order.
     *
     * @param data the input that pictures come by: weights may be inputs as well, and a bias is no shortcut
     */
    static List<ResidualBranch> of(Graph graph, String data) {
        Map<String, BitSet> before = new HashMap<>();
        Set<String> fromData = new HashSet<>(Set.of(data));
        BitSet layers = new BitSet();
        List<ResidualBranch> branches = new ArrayList<>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            if (node.domain().isEmpty() && LAYERS.contains(node.operator())) {
                layers.set(i);
            }
            if (node.is("Add") && fromData.containsAll(node.inputs())) {
                int first = own(layers, before.get(node.input(0)), before.get(node.input(1)));
                int second = own(layers, before.get(node.input(1)), before.get(node.input(0)));
                if (first != second) {
                    branches.add(new ResidualBranch(node, first > second ? 0 : 1));
                }
            }
            BitSet all = new BitSet();
            all.set(i);
            node.inputs().stream().map(before::get).filter(Objects::nonNull).forEach(all::or);
            boolean dependent = node.inputs().stream().anyMatch(fromData::contains);
            for (String output : node.outputs()) {
                before.put(output, all);
                if (dependent) {
                    fromData.add(output);
                }
            }
        }
        return branches;
    }

    private static int own(BitSet layers, @Nullable BitSet of, @Nullable BitSet without) {
        BitSet own = (BitSet) layers.clone();
        own.and(of == null ? new BitSet() : of);
        own.andNot(without == null ? new BitSet() : without);
        return own.cardinality();
    }
}

package dev.fieldfare.noise;

import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import java.util.List;

/** One kind of node with randomness in it, written in standard operators that take the randomness as an input. */
interface RandomOperator {
    /**
     * Adds nodes that compute the node's outputs, under their own names, from its inputs and from {@code z}, and adds
     * {@code z} to the inputs.
     *
     * @param data shape of the node's first input
     */
    List<NoiseInput> lower(Node node, Shape data, GraphBuilder builder);

    /** The name by which averaging asks for samples of it, as in {@code dropout:30}. */
    String noise();

    /** Whether every ONNX Runtime knows the node; what it then computes is the expectation. */
    boolean isStandard();

    /** The first operator set that has what {@link #lower} adds. */
    default long lowestOperatorSet() {
        return 1;
    }
}

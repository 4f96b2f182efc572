package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How deep a network can be trained: by blocks from its end, or from a node on. */
public final class Depths {
    private final OnnxModel whole;
    private final Map<String, Shape> shapes;
    private final Blocks blocks;
    private final boolean foldNormalizations;

    /**
     * Looks for them.
     *
     * @param trunk everything before the last layer
     * @param shapes of all its values
     * @param foldNormalizations whether batch normalizations keep their statistics and are folded into the layers before
     *     them
     */
    public Depths(Trunk trunk, Map<String, Shape> shapes, boolean foldNormalizations) {
        this.whole = trunk.model();
        this.shapes = Map.copyOf(shapes);
        this.blocks = Blocks.of(whole.graph(), shapes);
        this.foldNormalizations = foldNormalizations;
    }

    /** How many blocks there are before the last layer. */
    public int blocks() {
        return blocks.starts().size();
    }

    /** The last layer alone: an empty suffix. */
    public Suffix last() {
        return at(blocks.cuts().getLast());
    }

    /** The last so many blocks, 1 up to {@link #blocks}. */
    public Suffix lastBlocks(int count) {
        if (count < 1 || count > blocks()) {
            throw new IllegalArgumentException(count + " of " + blocks() + " blocks");
        }
        return at(blocks.starts().get(blocks() - count));
    }

    /** Everything. */
    public Suffix all() {
        return lastBlocks(blocks());
    }

    /**
     * A node and all that depends on it. The suffix begins at the last cut before it; parameters of nodes that lie
     * between the cut and the node, or beside it in another branch, are not among the suffix' own.
     *
     * @param node its name, or that of a value that it computes
     * @throws FieldfareException if there is no such node before the last layer; the message names some that there are
     */
    public Suffix from(String node) {
        Graph graph = whole.graph();
        int position = position(node);
        Set<String> behind = new HashSet<>(graph.nodes().get(position).outputs());
        graph.nodes().stream()
                .skip(position)
                .filter(other -> other.reads().stream().anyMatch(behind::contains))
                .forEach(other -> behind.addAll(other.outputs()));
        Suffix suffix = at(blocks.before(position));
        return suffix.withParameters(suffix.parameters().stream()
                .filter(parameter -> behind.contains(parameter.output()))
                .toList());
    }

    private int position(String name) {
        List<Node> nodes = whole.graph().nodes();
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).name().equals(name) || nodes.get(i).outputs().contains(name)) {
                return i;
            }
        }
        List<String> names = all().parameters().stream()
                .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
                .map(Parameter::output)
                .toList();
        String near = Spelling.nearest(name, names).map(found -> "did you mean '" + found + "'? ").orElse("");
        throw new FieldfareException("--train from:" + name + ": the network has no node of that name before its last"
                + " layer; " + near + "Its layers with weights compute, from the last on, "
                + String.join(", ", names.reversed().stream().limit(12).toList()));
    }

    private Suffix at(Blocks.Cut cut) {
        return Suffix.of(whole, shapes, cut, foldNormalizations);
    }
}

package dev.fieldfare.model;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where a network can be cut in two, and the blocks that come of it.
 *
 * <p>A cut is a value through which everything passes on its way from the picture to the features: cut there, the first
 * part is a network that computes one value, and the second one that reads it. Inside a residual branch there is none.
 *
 * <p>Between any two convolutions that look at a neighbourhood, the network is cut at its narrowest value, so that
 * features kept there take least room; of values equally narrow, at the last. So a block of MobileNetV2 is an inverted
 * residual, one of ResNet a residual with its two convolutions, one of MobileNetV1 a convolution by channels and by
 * points. A network without such convolutions is cut between all its layers that have weights.
 *
 * @param cuts all of them in running order: the input first, the features last
 * @param starts the values at which the blocks begin, in running order: the input first
 */
record Blocks(List<Cut> cuts, List<Cut> starts) {
    /** A block's weights are in nodes like these. */
    private static final Set<String> WITH_WEIGHTS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    /**
     * A place to cut.
     *
     * @param position how many nodes run before it
     */
    record Cut(String value, int position) {}

    Blocks {
        cuts = List.copyOf(cuts);
        starts = List.copyOf(starts);
    }

    /**
     * Finds them.
     *
     * @param graph from one input to one output, the features, with nothing that the features do not need
     * @param shapes of its values, for one picture
     */
    static Blocks of(Graph graph, Map<String, Shape> shapes) {
        List<Cut> cuts = cuts(graph);
        int[] anchors = anchors(graph, true);
        if (anchors.length < 2) {
            anchors = anchors(graph, false);
        }
        List<Cut> starts = new ArrayList<>();
        starts.add(cuts.getFirst());
        for (int i = 1; i < anchors.length; i++) {
            int after = anchors[i - 1];
            int before = anchors[i];
            Cut narrowest = null;
            for (Cut cut : cuts) {
                if (cut.position() > after
                        && cut.position() <= before
                        && (narrowest == null || size(cut, shapes) <= size(narrowest, shapes))) {
                    narrowest = cut;
                }
            }
            if (narrowest != null) {
                starts.add(narrowest);
            }
        }
        return new Blocks(cuts, starts);
    }

    private static long size(Cut cut, Map<String, Shape> shapes) {
        Shape shape = shapes.get(cut.value());
        return shape == null || !shape.isFixed() ? Long.MAX_VALUE : shape.elements();
    }

    private static List<Cut> cuts(Graph graph) {
        String input = graph.requiredInputs().getFirst().name();
        List<Node> nodes = graph.nodes();
        Map<String, List<Node>> consumers = graph.consumers();
        Set<String> live = new HashSet<>(Set.of(input));
        Set<String> dependent = new HashSet<>(Set.of(input));
        Set<Node> done = new HashSet<>();
        List<Cut> cuts = new ArrayList<>();
        cuts.add(new Cut(input, 0));
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            done.add(node);
            if (node.reads().stream().noneMatch(dependent::contains)) {
                continue; // computed from constants alone
            }
            node.outputs().stream().filter(output -> !output.isEmpty()).forEach(output -> {
                dependent.add(output);
                live.add(output);
            });
            live.removeIf(
                    value -> !isOutput(graph, value) && done.containsAll(consumers.getOrDefault(value, List.of())));
            // Codes of 8 bits are of no use to training, which begins at the numbers that they stand for.
            if (live.size() == 1
                    && !node.is("QuantizeLinear")
                    && !cuts.getLast().value().equals(live.iterator().next())) {
                cuts.add(new Cut(live.iterator().next(), i + 1));
            }
        }
        return cuts;
    }

    private static boolean isOutput(Graph graph, String value) {
        return graph.outputs().stream().anyMatch(output -> output.name().equals(value));
    }

    /** Nodes with weights; of these, if asked, only convolutions whose kernel is larger than a point. */
    private static int[] anchors(Graph graph, boolean looksAround) {
        return IntStream.range(0, graph.nodes().size())
                .filter(i -> {
                    Node node = graph.nodes().get(i);
                    boolean weights = node.domain().isEmpty() && WITH_WEIGHTS.contains(node.operator());
                    return weights && (!looksAround || isLargerThanAPoint(node, graph));
                })
                .toArray();
    }

    private static boolean isLargerThanAPoint(Node node, Graph graph) {
        if (!node.is("Conv")) {
            return false;
        }
        long[] kernel = node.integers("kernel_shape");
        TensorData weight = graph.initializers().get(node.input(1));
        if (kernel.length == 0 && weight != null) {
            kernel = Arrays.stream(weight.shape().sizes()).skip(2).toArray();
        }
        return Arrays.stream(kernel).anyMatch(size -> size > 1);
    }

    /** The start of the last so many blocks; all of them where there are fewer. */
    Cut lastBlocks(int count) {
        return starts.get(Math.max(0, starts.size() - count));
    }

    /** The last cut that lies before a node. */
    Cut before(int position) {
        return cuts.stream()
                .filter(cut -> cut.position() <= position)
                .reduce((first, second) -> second)
                .orElseThrow();
    }
}

package dev.fieldfare.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives single numbers that are broadcast over a tensor as many dimensions as the tensor has. It changes nothing but
 * the time: ONNX Runtime works through runs of neighbouring elements, and where a number has fewer dimensions than the
 * tensor, a dimension of size 1 ends the run. A 1x1 convolution's weight, [C x D x 1 x 1], times a learning rate of
 * shape [] was measured at 7.2 ns an element, times the same of shape [1 x 1 x 1 x 1] at 0.26 (ONNX Runtime 1.28).
 */
public final class ScalarRanks {
    private static final Set<String> BROADCASTING = Set.of("Add", "Div", "Max", "Min", "Mul", "Pow", "Sub", "Sum");

    /** Elementwise operators of one value, over which shapes are followed. */
    private static final Set<String> UNARY =
            Set.of("Abs", "Exp", "Identity", "Log", "Neg", "Reciprocal", "Relu", "Sigmoid", "Sign", "Sqrt", "Tanh");

    private final GraphBuilder builder;
    private final Map<String, TensorData> constants;
    private final Map<String, Shape> shapes;
    private final Map<List<Object>, String> matched = new HashMap<>();

    private ScalarRanks(Graph graph, Map<String, Shape> known) {
        builder = GraphBuilder.withoutNodes(graph);
        constants = graph.initializers();
        shapes = new HashMap<>(known);
        graph.inputs().forEach(input -> shapes.putIfAbsent(input.name(), input.shape()));
        constants.forEach((name, data) -> shapes.put(name, data.shape()));
    }

    /**
     * The same graph with numbers of matching ranks wherever the shapes are known or follow from elementwise operators.
     *
     * @param known shapes of intermediate values; those of inputs and constants need not be among them
     */
    public static Graph match(Graph graph, Map<String, Shape> known) {
        ScalarRanks ranks = new ScalarRanks(graph, known);
        graph.nodes().forEach(ranks::add);
        ranks.builder.prune();
        return ranks.builder.build();
    }

    private void add(Node node) {
        if (reducesAll(node)) {
            shapes.put(node.output(0), Shape.of());
        }
        boolean broadcasting = node.domain().isEmpty() && BROADCASTING.contains(node.operator());
        if (!broadcasting && !(node.domain().isEmpty() && UNARY.contains(node.operator()))) {
            builder.add(node);
            return;
        }
        List<Shape> operands = new ArrayList<>();
        for (String input : node.inputs()) {
            Shape shape = shapes.get(input);
            if (shape == null || !shape.isFixed()) {
                builder.add(node);
                return;
            }
            operands.add(shape);
        }
        Shape output = broadcast(operands);
        shapes.put(node.output(0), output);
        builder.add(broadcasting && hasRuns(output) ? matched(node, operands, output.rank()) : node);
    }

    private static boolean reducesAll(Node node) {
        return node.domain().isEmpty()
                && node.operator().startsWith("Reduce")
                && node.integer("keepdims", 1) == 0
                && node.input(1).isEmpty()
                && node.integers("axes").length == 0
                && node.integer("noop_with_empty_axes", 0) == 0;
    }

    /** Whether there is a dimension of size 1 to end a run. */
    private static boolean hasRuns(Shape shape) {
        return shape.elements() > 1 && shape.dimensions().stream().anyMatch(dimension -> dimension.size() == 1);
    }

    private Node matched(Node node, List<Shape> operands, int rank) {
        List<String> inputs = new ArrayList<>(node.inputs());
        for (int i = 0; i < inputs.size(); i++) {
            if (operands.get(i).elements() == 1 && operands.get(i).rank() < rank) {
                String number = inputs.get(i);
                inputs.set(i, matched.computeIfAbsent(List.of(number, rank), key -> reshaped(number, rank)));
            }
        }
        return node.withInputs(inputs);
    }

    private String reshaped(String number, int rank) {
        Collection<Shape.Dimension> ones = Collections.nCopies(rank, new Shape.Dimension(1, ""));
        Shape shape = new Shape(List.copyOf(ones));
        TensorData constant = constants.get(number);
        return constant != null
                ? builder.constant(number, new TensorData(constant.type(), shape, constant.bytes()))
                : builder.apply("Reshape", List.of(number, builder.constant(shape.sizes())));
    }

    private static Shape broadcast(List<Shape> operands) {
        int rank = operands.stream().mapToInt(Shape::rank).max().orElse(0);
        long[] sizes = new long[rank];
        for (int i = 0; i < rank; i++) {
            sizes[i] = 1;
            for (Shape operand : operands) {
                int own = i - rank + operand.rank();
                if (own >= 0 && operand.size(own) != 1) {
                    sizes[i] = operand.size(own);
                }
            }
        }
        return Shape.of(sizes);
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * Batch normalization as it is trained: with the mean and the variance of the batch at hand (Ioffe and Szegedy, "Batch
 * Normalization", 2015), which ONNX Runtime's build for inference does not compute. A graph is rewritten so that each
 * normalization computes them with standard operators and then applies itself to them as if they were given; {@link
 * BatchNormalizationGradient} knows the pattern and differentiates through the statistics at once.
 *
 * <p>Running statistics follow ONNX: {@code running = momentum running + (1 - momentum) batch}, where the variance is
 * that of the population, divided by the number of elements. (PyTorch's momentum is one minus this one, and its running
 * variance is of one element less.)
 *
 * @param graph the rewritten graph
 * @param shapes those that were given, and those of the new values
 * @param renewed the new value of each running mean and variance that is an input or a constant of the graph, for
 *     {@link TrainingGraph.Forward}
 */
public record BatchStatistics(Graph graph, Map<String, Shape> shapes, Map<String, String> renewed) {
    public BatchStatistics {
        shapes = Collections.unmodifiableMap(new HashMap<>(shapes));
        renewed = Collections.unmodifiableMap(new LinkedHashMap<>(renewed));
    }

    /**
     * Rewrites batch normalizations, whether they are in training mode or not.
     *
     * @param shapes of all values of the graph
     * @param which the {@code BatchNormalization} nodes that shall use the statistics of the batch
     * @throws FieldfareException if two of them share a running statistic, or if a shape is missing
     */
    public static BatchStatistics of(Graph graph, Map<String, Shape> shapes, Predicate<Node> which) {
        Rewriting rewriting = new Rewriting(graph, shapes);
        for (Node node : graph.nodes()) {
            if (node.is("BatchNormalization") && which.test(node)) {
                rewriting.rewrite(node);
            } else {
                rewriting.builder.add(node);
            }
        }
        return new BatchStatistics(rewriting.builder.build(), rewriting.shapes, rewriting.renewed);
    }

    /**
     * Whether a normalization's mean and variance are those of its input, as computed by this class.
     *
     * @param producers the node that computes each value
     */
    static boolean areOfTheInput(Map<String, Node> producers, Node node) {
        Node mean = producers.get(node.input(3));
        Node variance = producers.get(node.input(4));
        if (mean == null || variance == null || !mean.is("ReduceMean") || !variance.is("ReduceMean")) {
            return false;
        }
        Node square = producers.get(variance.input(0));
        if (square == null || !square.is("Mul") || !square.input(0).equals(square.input(1))) {
            return false;
        }
        Node centred = producers.get(square.input(0));
        return centred != null
                && centred.is("BatchNormalization")
                && centred.input(0).equals(node.input(0))
                && centred.input(3).equals(node.input(3))
                && mean.input(0).equals(node.input(0))
                && mean.input(1).equals(variance.input(1));
    }

    private static final class Rewriting {
        private final GraphBuilder builder;
        private final Graph graph;
        private final Map<String, Shape> shapes;
        private final Map<String, String> renewed = new LinkedHashMap<>();
        private final Map<TensorData, String> constants = new HashMap<>();

        Rewriting(Graph graph, Map<String, Shape> shapes) {
            this.graph = graph;
            this.shapes = new HashMap<>(shapes);
            builder = GraphBuilder.withoutNodes(graph);
        }

        void rewrite(Node node) {
            Shape x = shapes.get(node.input(0));
            if (x == null || x.rank() < 2 || x.size(1) < 0) {
                throw new FieldfareException("the input of the " + node.describe() + " has the shape " + x
                        + "; statistics of a batch need one with a fixed number of channels in its second dimension");
            }
            Shape byChannel = Shape.of(x.size(1));
            String hint = node.output(0);
            long[] axes = LongStream.range(0, x.rank()).filter(i -> i != 1).toArray();
            String mean = mean(hint + "/mean", node.input(0), axes, byChannel);
            String zeros = constant(0, byChannel);
            String ones = constant(1, byChannel);
            // The fastest way to subtract a number from each channel.
            String centred = apply(
                    hint + "/centred",
                    "BatchNormalization",
                    List.of(node.input(0), ones, zeros, mean, ones),
                    Map.of("epsilon", Attribute.of(0f)),
                    x);
            String square = apply(hint + "/square", "Mul", List.of(centred, centred), Map.of(), x);
            String variance = mean(hint + "/variance", square, axes, byChannel);

            Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
            attributes.keySet().removeAll(List.of("momentum", "training_mode"));
            List<String> inputs = List.of(node.input(0), node.input(1), node.input(2), mean, variance);
            builder.add(new Node(node.name(), "", "BatchNormalization", inputs, List.of(node.output(0)), attributes));
            float momentum = node.real("momentum", 0.9f);
            renew(node, 3, mean, momentum, node.output(1));
            renew(node, 4, variance, momentum, node.output(2));
        }

        private void renew(Node node, int index, String batch, float momentum, String output) {
            String running = node.input(index);
            boolean isCarried = graph.initializers().containsKey(running)
                    || graph.inputs().stream().anyMatch(input -> input.name().equals(running));
            if (!isCarried && output.isEmpty()) {
                return;
            }
            String kept = builder.apply("Mul", List.of(running, builder.constant(momentum)));
            String added = builder.apply("Mul", List.of(batch, builder.constant(1 - momentum)));
            String name = output.isEmpty() ? builder.fresh(running + ".renewed") : output;
            String sum = builder.apply(name, "Add", List.of(kept, added), Map.of());
            shapes.put(sum, Objects.requireNonNull(shapes.get(batch)));
            if (isCarried && renewed.put(running, sum) != null) {
                throw new FieldfareException("the " + node.describe() + " shares its running statistic '" + running
                        + "' with another node, so there is no one new value for it; keep its statistics frozen");
            }
        }

        private String mean(String hint, String value, long[] axes, Shape shape) {
            List<String> operands = List.of(value, builder.constant(axes));
            return apply(hint, "ReduceMean", operands, Map.of("keepdims", Attribute.of(0)), shape);
        }

        private String constant(float value, Shape shape) {
            float[] elements = new float[(int) shape.elements()];
            Arrays.fill(elements, value);
            TensorData data = TensorData.ofFloats(elements, shape.sizes());
            return constants.computeIfAbsent(data, key -> builder.constant("constant", key));
        }

        private String apply(
                String hint, String operator, List<String> operands, Map<String, Attribute> attributes, Shape shape) {
            String name = builder.apply(builder.fresh(hint), operator, operands, attributes);
            shapes.put(name, shape);
            return name;
        }
    }
}

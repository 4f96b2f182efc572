package dev.fieldfare.noise;

import dev.fieldfare.onnx.AnyBatch;
import dev.fieldfare.onnx.ConstantFolding;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A network cut in two where its first noise enters, so that what comes before is computed once for a picture, however
 * often it is sampled; what comes behind takes several samples as its batch.
 *
 * @param front for one picture, to all values that what comes behind reads
 * @param back from these values and the noise to the network's outputs, a row for each sample
 * @param kept the values between the two, with the shapes that they have for one picture
 * @param settled the network's outputs that no noise reaches: the front gives them
 * @param inputs where noise enters, for a batch of samples
 */
public record SampledModel(
        OnnxModel front, OnnxModel back, List<Value> kept, List<Value> settled, List<NoiseInput> inputs) {
    /** Operators that repeat one row for a batch by themselves. */
    private static final Set<String> BROADCASTING =
            Set.of("Add", "Div", "MatMul", "Max", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum", "Mean", "Where");

    public SampledModel {
        kept = List.copyOf(kept);
        settled = List.copyOf(settled);
        inputs = List.copyOf(inputs);
    }

    /**
     * Cuts.
     *
     * @param noisy for one picture
     * @param samples how many at once
     * @param shapes infers the shapes of the values of a network
     */
    public static SampledModel of(NoisyModel noisy, int samples, Function<OnnxModel, Map<String, Shape>> shapes) {
        Map<String, Shape> known = shapes.apply(noisy.model());
        // Only float tensors cross the cut: what is computed of shapes is not a matter of pictures.
        Graph graph = ConstantFolding.foldShapes(noisy.model().graph(), known);
        Set<String> random = new HashSet<>();
        noisy.inputs().forEach(input -> random.add(input.name()));
        List<Node> before = new ArrayList<>();
        List<Node> behind = new ArrayList<>();
        Set<String> computed = new HashSet<>();
        Set<String> reads = new LinkedHashSet<>();
        graph.inputs().stream()
                .map(Value::name)
                .filter(name -> !random.contains(name))
                .forEach(computed::add);
        for (Node node : graph.nodes()) {
            if (node.reads().stream().anyMatch(random::contains)) {
                behind.add(node);
                reads.addAll(node.reads());
                random.addAll(node.outputs());
            } else {
                before.add(node);
                computed.addAll(node.outputs());
            }
        }
        reads.retainAll(computed);
        List<Value> kept = reads.stream()
                .map(name -> new Value(name, ElementType.FLOAT, known.get(name)))
                .toList();
        List<Value> settled = graph.outputs().stream()
                .filter(output -> !random.contains(output.name()))
                .map(output -> new Value(output.name(), output.type(), known.get(output.name())))
                .toList();
        List<NoiseInput> inputs =
                noisy.inputs().stream().map(input -> input.ofBatch(samples)).toList();
        return new SampledModel(
                noisy.model().withGraph(front(graph, before, kept, settled)),
                noisy.model().withGraph(back(graph, behind, kept, settled, inputs, samples)),
                kept,
                settled,
                inputs);
    }

    private static Graph front(Graph graph, List<Node> nodes, List<Value> kept, List<Value> settled) {
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        builder.clearValues();
        nodes.forEach(builder::add);
        builder.setOutputs(
                Stream.concat(kept.stream(), settled.stream()).distinct().toList());
        builder.prune();
        return builder.build();
    }

    private static Graph back(
            Graph graph, List<Node> nodes, List<Value> kept, List<Value> settled, List<NoiseInput> noise, int samples) {
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        builder.clearValues();
        List<Value> inputs = new ArrayList<>(kept);
        noise.forEach(input -> inputs.add(input.value()));
        builder.setOutputs(List.of());
        builder.setInputs(inputs);
        Map<String, String> repeated = new LinkedHashMap<>();
        for (Node node : nodes) {
            List<String> operands = new ArrayList<>(node.inputs());
            for (Value value : kept) {
                if (operands.contains(value.name())
                        && !(node.domain().isEmpty() && BROADCASTING.contains(node.operator()))) {
                    String rows = repeated.computeIfAbsent(value.name(), name -> repeat(builder, value, samples));
                    operands.replaceAll(name -> name.equals(value.name()) ? rows : name);
                }
            }
            builder.add(node.withInputs(operands));
        }
        Set<String> elsewhere = new HashSet<>();
        settled.forEach(output -> elsewhere.add(output.name()));
        builder.setOutputs(graph.outputs().stream()
                .filter(output -> !elsewhere.contains(output.name()))
                .map(output -> new Value(output.name(), output.type(), null))
                .toList());
        builder.prune();
        return AnyBatch.of(builder.build());
    }

    /** One row for each sample, where a value has rows at all. */
    private static String repeat(GraphBuilder builder, Value value, int samples) {
        Shape shape = value.shape();
        if (shape == null || shape.rank() == 0 || shape.size(0) != 1) {
            return value.name();
        }
        long[] sizes = new long[shape.rank()];
        Arrays.fill(sizes, 1);
        sizes[0] = samples;
        return builder.apply("Expand", List.of(value.name(), builder.constant(sizes)));
    }
}

package dev.fieldfare.noise;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ConstantFolding;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A network {@code y = f(x, z)} whose random parts are inputs, of standard operators only. Training draws {@code z} anew
 * for every look, averaging draws it as often as it samples.
 *
 * @param model with the noise inputs behind its own
 * @param inputs where noise enters, in running order
 */
public record NoisyModel(OnnxModel model, List<NoiseInput> inputs) {
    /** Operators of Fieldfare's own, which no ONNX Runtime knows. */
    public static final String DOMAIN = "dev.fieldfare";

    public NoisyModel {
        inputs = List.copyOf(inputs);
    }

    /** The names of all noises that networks can have in them. */
    public static SortedSet<String> noises() {
        return RandomOperators.noises();
    }

    /** The names of the noises that a graph has in it. */
    public static Set<String> noises(Graph graph) {
        return graph.nodes().stream()
                .map(RandomOperators::of)
                .filter(Objects::nonNull)
                .map(RandomOperator::noise)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether a node has randomness in it. */
    public static boolean isRandom(Node node) {
        return RandomOperators.of(node) != null;
    }

    /** Whether a graph has random nodes that no ONNX Runtime knows. */
    public static boolean isForeign(Graph graph) {
        return graph.nodes().stream().anyMatch(NoisyModel::isForeign);
    }

    private static boolean isForeign(Node node) {
        RandomOperator operator = RandomOperators.of(node);
        return operator != null && !operator.isStandard();
    }

    /**
     * Makes every random node of a network an input.
     *
     * @param shapes infers the shapes of the values of a network of standard operators
     */
    public static NoisyModel of(OnnxModel model, Function<OnnxModel, Map<String, Shape>> shapes) {
        return lower(model, shapes, node -> true);
    }

    /** The same for some noises only; what stands in for the others in use is in their place. */
    public static NoisyModel of(OnnxModel model, Set<String> noises, Function<OnnxModel, Map<String, Shape>> shapes) {
        NoisyModel all = lower(model, shapes, node -> {
            RandomOperator operator = RandomOperators.of(node);
            return operator != null && (noises.contains(operator.noise()) || !operator.isStandard());
        });
        return all.fixed(Draw.SETTLED, input -> !noises.contains(input.noise().name()));
    }

    /**
     * The same for the noise whose expectation has no closed form; where it has one, that stands in for it. With
     * {@link Draw#SETTLED} the network computes what {@link #settled} computes.
     */
    public static NoisyModel unsettled(OnnxModel model, Function<OnnxModel, Map<String, Shape>> shapes) {
        return lower(model, shapes, NoisyModel::isForeign);
    }

    /** See {@link #settled(OnnxModel, Function, Draw)}, with the draw that Fieldfare itself uses. */
    public static OnnxModel settled(OnnxModel model, Function<OnnxModel, Map<String, Shape>> shapes) {
        return settled(model, shapes, Draw.SETTLED);
    }

    /**
     * The network with what stands in for noise in use: the expectation where it has a closed form, else one fixed draw,
     * the same for every picture. Standard operators only, and as many pictures at once as before.
     */
    public static OnnxModel settled(OnnxModel model, Function<OnnxModel, Map<String, Shape>> shapes, Draw draw) {
        if (!isForeign(model.graph())) {
            return model;
        }
        OnnxModel fixed = lower(forOnePicture(model), shapes, NoisyModel::isForeign)
                .fixed(draw, input -> true)
                .model();
        GraphBuilder builder = GraphBuilder.from(fixed.graph());
        builder.setInputs(model.graph().inputs());
        return fixed.withGraph(builder.build());
    }

    /** What is drawn once serves every batch: an open first size is one meanwhile. */
    private static OnnxModel forOnePicture(OnnxModel model) {
        GraphBuilder builder = GraphBuilder.from(model.graph());
        builder.setInputs(model.graph().inputs().stream()
                .map(input -> input.shape() instanceof Shape shape && shape.rank() > 0 && shape.size(0) < 0
                        ? input.withShape(shape.with(0, 1))
                        : input)
                .toList());
        return model.withGraph(builder.build());
    }

    /** The same with some of its noise drawn once and for all, for every batch. */
    private NoisyModel fixed(Draw draw, Predicate<NoiseInput> which) {
        List<NoiseInput> fixed = inputs.stream().filter(which).toList();
        GraphBuilder builder = GraphBuilder.from(model.graph());
        Set<String> names = new HashSet<>();
        fixed.forEach(input -> names.add(input.name()));
        builder.setInputs(model.graph().inputs().stream()
                .filter(input -> !names.contains(input.name()))
                .toList());
        for (NoiseInput input : fixed) {
            NoiseInput one = input.ofBatch(1);
            FloatBuffer z = FloatBuffer.allocate(one.elements());
            one.draw(z, draw);
            builder.initializer(
                    input.name(), TensorData.ofFloats(z.array(), one.shape().sizes()));
        }
        return new NoisyModel(
                model.withGraph(builder.build()),
                inputs.stream().filter(which.negate()).toList());
    }

    private static NoisyModel lower(
            OnnxModel model, Function<OnnxModel, Map<String, Shape>> shapes, Predicate<Node> which) {
        Graph graph = model.graph();
        if (noises(graph).isEmpty()) {
            return new NoisyModel(model, List.of());
        }
        graph = ConstantFolding.fold(graph, node -> node.is("Constant"));
        Map<String, Long> operatorSets = new LinkedHashMap<>(model.operatorSets());
        operatorSets.remove(DOMAIN);
        OnnxModel standard = new OnnxModel(model.irVersion(), operatorSets, graph, model.metadata(), model.functions());
        List<NoiseInput> inputs = new ArrayList<>();
        Map<String, Shape> known = new HashMap<>();
        for (Value input : graph.inputs()) {
            if (input.shape() instanceof Shape shape) {
                known.put(input.name(), shape);
            }
        }
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        builder.clearValues();
        builder.setOutputs(List.of());
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            RandomOperator operator = which.test(node) ? RandomOperators.of(node) : null;
            if (operator == null) {
                builder.add(node);
                continue;
            }
            requireOperatorSet(operator, node, model.operatorSet());
            if (!known.containsKey(node.input(0))) {
                known.putAll(shapes.apply(standard.withGraph(known(builder, nodes.subList(i, nodes.size())))));
            }
            inputs.addAll(operator.lower(node, required(known.get(node.input(0)), node), builder));
        }
        builder.setOutputs(graph.outputs());
        return new NoisyModel(standard.withGraph(builder.build()), inputs);
    }

    private static void requireOperatorSet(RandomOperator operator, Node node, long operatorSet) {
        if (operatorSet < operator.lowestOperatorSet()) {
            throw new FieldfareException("the " + node.describe() + " needs operator set "
                    + operator.lowestOperatorSet() + " or later beside it, but the model has " + operatorSet
                    + ". Export the network with a later operator set");
        }
    }

    private static Shape required(@Nullable Shape shape, Node node) {
        if (shape == null || !shape.isFixed()) {
            throw new FieldfareException("the shape of what the " + node.describe() + " reads is "
                    + (shape == null ? "unknown" : shape) + "; expected fixed sizes. Export the network for pictures of"
                    + " one size");
        }
        return shape;
    }

    /** What is built so far, and as much of the rest as needs no lowering: shapes are inferred for all of it at once. */
    private static Graph known(GraphBuilder built, List<Node> rest) {
        GraphBuilder builder = GraphBuilder.from(built.build());
        rest.stream().takeWhile(node -> !isForeign(node)).forEach(builder::add);
        return builder.build();
    }
}

package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.AnyBatch;
import dev.fieldfare.onnx.BatchNormalizationFolding;
import dev.fieldfare.onnx.ConstantFolding;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.FakeQuantization;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.OperatorSetUpgrade;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lies behind a cut of a network, up to the features that its classifier reads: the part that can be trained. At
 * the shallowest cut it is empty. Batch normalizations with frozen statistics are folded into the layers before them
 * unless their statistics are to be those of the batch; the weights of a quantized network are floats here.
 *
 * @param cut name of the value that it reads
 * @param shape of that value, for one picture
 * @param features name of the value that it computes; the same as {@code cut} where it is empty
 * @param width how many features a picture has
 * @param stored the nodes as they go into the file of a retrained model, in that file's operator set
 * @param parameters all that can be trained in it, in running order
 */
public record Suffix(
        String cut, Shape shape, String features, int width, OnnxModel stored, List<Parameter> parameters) {

    public Suffix {
        parameters = List.copyOf(parameters);
    }

    /**
     * Cuts.
     *
     * @param whole from the picture to the features, for one picture
     * @param shapes of all its values
     * @param at where to cut
     * @param foldNormalizations whether batch normalizations keep their statistics
     */
    static Suffix of(OnnxModel whole, Map<String, Shape> shapes, Blocks.Cut at, boolean foldNormalizations) {
        Graph graph = whole.graph();
        Value features = graph.outputs().getFirst();
        Shape shape = fixed(shapes, at.value());
        GraphBuilder builder = GraphBuilder.from(graph);
        Set<Node> before = new HashSet<>(graph.nodes().subList(0, at.position()));
        // What is computed from constants alone may stand before the cut and be needed behind it.
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        Set<String> readBefore = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (constants.containsAll(node.reads())) {
                constants.addAll(node.outputs());
                before.remove(node);
            } else if (before.contains(node)) {
                readBefore.addAll(node.reads());
            }
        }
        builder.removeNodes(before::contains);
        builder.setInputs(List.of(new Value(at.value(), ElementType.FLOAT, shape)));
        builder.prune();
        Graph suffix = FakeQuantization.remove(ConstantFolding.fold(builder.build()));
        if (foldNormalizations) {
            Map<String, Node> producers = suffix.producers();
            // Folding changes a layer's weights, which the trunk may read, too.
            suffix = BatchNormalizationFolding.fold(suffix, node -> isApart(producers.get(node.input(0)), readBefore))
                    .graph();
        }
        return new Suffix(
                at.value(),
                shape,
                features.name(),
                Math.toIntExact(fixed(shapes, features.name()).size(1)),
                whole.withGraph(suffix),
                // A weight that the trunk reads, too, must stay as it is.
                Parameter.of(suffix).stream()
                        .filter(parameter -> !readBefore.contains(parameter.name()))
                        .toList());
    }

    private static boolean isApart(@Nullable Node layer, Set<String> readBefore) {
        return layer != null && layer.inputs().stream().skip(1).noneMatch(readBefore::contains);
    }

    private static Shape fixed(Map<String, Shape> shapes, String value) {
        Shape shape = shapes.get(value);
        if (shape == null || !shape.isFixed()) {
            throw new FieldfareException("the shape of '" + value + "' is "
                    + (shape == null ? "unknown" : shape) + ", so the network cannot be cut there; choose another"
                    + " depth with --train");
        }
        return shape;
    }

    /** The empty suffix that begins where this one ends. */
    public Suffix end() {
        return isEmpty() ? this : empty(features, width, stored);
    }

    /** One without nodes, for a last layer alone; {@code like} says of which operator set. */
    public static Suffix empty(String features, int width, OnnxModel like) {
        GraphBuilder builder = new GraphBuilder(like.graph().name());
        builder.input(Value.ofFloats(features, 1, width));
        builder.output(Value.ofFloats(features, 1, width));
        return new Suffix(features, Shape.of(1, width), features, width, like.withGraph(builder.build()), List.of());
    }

    /** Whether nothing lies behind the cut but the classifier. */
    public boolean isEmpty() {
        return cut.equals(features);
    }

    /**
     * The nodes in the form in which they can be differentiated, of operator set 18 or newer, for so many pictures at a
     * time.
     */
    public OnnxModel forward(int batch) {
        OnnxModel upgraded = OperatorSetUpgrade.upgrade(stored);
        GraphBuilder builder = new GraphBuilder(upgraded.graph().name());
        upgraded.graph().initializers().forEach(builder::initializer);
        builder.input(new Value(cut, ElementType.FLOAT, shape.with(0, batch)));
        upgraded.graph().nodes().forEach(builder::add);
        builder.output(Value.ofFloats(features, batch, width));
        return upgraded.withGraph(AnyBatch.of(builder.build()));
    }

    /**
     * The values of its parameters, and of the running statistics of its batch normalizations, row by row; views of the
     * file that they were read from.
     */
    public Map<String, FloatBuffer> weights() {
        Map<String, FloatBuffer> weights = new LinkedHashMap<>();
        Map<String, TensorData> constants = stored.graph().initializers();
        for (Parameter parameter : parameters) {
            TensorData data = Objects.requireNonNull(constants.get(parameter.name()), parameter.name());
            weights.put(parameter.name(), data.bytes().asFloatBuffer());
        }
        for (Node node : stored.graph().nodes()) {
            if (node.is("BatchNormalization")) {
                for (String statistic : List.of(node.input(3), node.input(4))) {
                    TensorData data = constants.get(statistic);
                    if (data != null) {
                        weights.put(statistic, data.bytes().asFloatBuffer());
                    }
                }
            }
        }
        return weights;
    }

    /** The same with other nodes between the same values and of the same parameters. */
    public Suffix withStored(OnnxModel other) {
        return new Suffix(cut, shape, features, width, other, parameters);
    }

    /** The same, of which only these parameters are to be trained. */
    public Suffix withParameters(List<Parameter> some) {
        return new Suffix(cut, shape, features, width, stored, some);
    }

    /** The same with other values for some of its parameters and statistics. */
    public Suffix with(Map<String, FloatBuffer> values) {
        Graph graph = stored.graph();
        Map<String, TensorData> trained = new LinkedHashMap<>();
        values.forEach((name, elements) -> {
            Shape own =
                    Objects.requireNonNull(graph.initializers().get(name), name).shape();
            if (own.elements() != elements.remaining()) {
                throw new IllegalArgumentException("'" + name + "' is " + own + ", not " + elements.remaining());
            }
            trained.put(name, TensorData.ofFloats(elements, own));
        });
        return new Suffix(cut, shape, features, width, stored.withGraph(graph.withInitializers(trained)), parameters);
    }
}

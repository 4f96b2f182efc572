package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings a graph with trained convolutions into the layout of ONNX Runtime's fastest kernels: [pictures, channels / block,
 * rows, columns, block] instead of [pictures, channels, rows, columns], so that one vector holds as many channels of one
 * position ("NCHWc": Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures",
 * 2018). ONNX Runtime does this by itself where weights are constants, and unrolls the others, which for a depthwise
 * convolution takes several times as long. Its kernels take weights that are computed just as well, if the graph lays them
 * out. These operators are its own, not standard ones, so that this is done when a session is opened and written nowhere.
 *
 * <p>What lies so spreads from the depthwise convolutions: to those before and behind them and to what treats every element
 * alike. Everything else reads the plain layout, into which a value is brought where, and only if, somebody asks for it.
 */
public final class BlockedChannels {
    private final Graph graph;
    private final GraphBuilder builder;
    private final BlockedSites sites;
    private final Map<String, Node> producers;
    private final BlockedWeights weights;

    /** Names of the values in the blocked layout, by their plain names. */
    private final Map<String, String> blocked = new HashMap<>();

    private final Set<String> plain = new HashSet<>();

    private BlockedChannels(Graph graph, BlockedSites sites, int block) {
        this.graph = graph;
        this.sites = sites;
        this.builder = GraphBuilder.withoutNodes(graph);
        this.producers = graph.producers();
        this.weights = new BlockedWeights(builder, producers, block);
    }

    /**
     * The model as this machine's ONNX Runtime runs it best; the same if nothing is to be gained.
     *
     * @param model of fixed shapes
     */
    public static OnnxModel of(OnnxModel model) {
        return of(model, Engine.channelBlock());
    }

    static OnnxModel of(OnnxModel model, int block) {
        if (block <= 1 || !BlockedSites.mayHave(model.graph(), block)) {
            return model;
        }
        BlockedSites sites = BlockedSites.of(model.graph(), ShapeInference.values(model), block);
        if (sites.isEmpty()) {
            return model;
        }
        Map<String, Long> sets = new TreeMap<>(model.operatorSets());
        sets.put(Engine.BLOCKED_DOMAIN, 1L);
        return new OnnxModel(
                model.irVersion(),
                sets,
                new BlockedChannels(model.graph(), sites, block).rewritten(),
                model.metadata(),
                model.functions());
    }

    /** Whether the node is a convolution of what lies in blocks. */
    static boolean isConvolution(Node node) {
        return node.domain().equals(Engine.BLOCKED_DOMAIN) && node.operator().equals("Conv");
    }

    private Graph rewritten() {
        for (Node node : graph.nodes()) {
            if (node.outputs().stream().noneMatch(sites::contains)) {
                node.reads().forEach(this::plain);
                builder.add(node);
            }
        }
        graph.outputs().forEach(output -> plain(output.name()));
        builder.prune();
        return builder.build();
    }

    /** Sees to it that the value is there under its own name. */
    private void plain(String value) {
        if (!sites.contains(value) || !plain.add(value)) {
            return;
        }
        Node node = Objects.requireNonNull(producers.get(value));
        if (sites.isConvolution(value) || sites.isReordered(value)) {
            Attribute channels = Attribute.of(sites.shape(value).size(1));
            String there = blocked(value);
            builder.add(new Node(
                    "",
                    Engine.BLOCKED_DOMAIN,
                    "ReorderOutput",
                    List.of(there),
                    List.of(value),
                    Map.of("channels", channels)));
        } else {
            // Conditions and views are computed once more, from plain operands.
            node.reads().forEach(this::plain);
            builder.add(node);
        }
    }

    /** The value in the blocked layout. */
    private String blocked(String value) {
        String known = blocked.get(value);
        if (known == null) {
            known = sites.contains(value) ? computed(value) : reordered(value);
            blocked.put(value, known);
        }
        return known;
    }

    private String reordered(String value) {
        plain(value);
        return apply(value, "ReorderInput", List.of(value), Map.of());
    }

    private String computed(String value) {
        Node node = Objects.requireNonNull(producers.get(value));
        if (sites.isConvolution(value)) {
            return convolved(value, node, null, Map.of());
        }
        if (sites.isView(value)) {
            return weights.reshaped(blocked(node.input(0)), sites.shape(value));
        }
        Map<String, Attribute> activation = sites.activation(node);
        if (!activation.isEmpty() && sites.endsIn(node.input(0))) {
            return summed(value, Objects.requireNonNull(producers.get(node.input(0))), activation);
        }
        if (node.is("Add") && sites.addend(node) != null) {
            return summed(value, node, Map.of());
        }
        List<String> operands = node.inputs().stream()
                .map(input -> sites.isNumber(input) ? input : blocked(input))
                .toList();
        return builder.apply(builder.fresh(value + "/blocked"), node.operator(), operands, node.attributes());
    }

    /** A convolution, or the sum of one and something else, in one node. */
    private String summed(String value, Node node, Map<String, Attribute> activation) {
        String convolution = node.is("Add") ? Objects.requireNonNull(sites.addend(node)) : node.output(0);
        String other = node.is("Add") ? node.input(node.input(0).equals(convolution) ? 1 : 0) : null;
        return convolved(value, Objects.requireNonNull(producers.get(convolution)), other, activation);
    }

    private String convolved(String value, Node convolution, @Nullable String sum, Map<String, Attribute> activation) {
        String input = convolution.input(0);
        if (sites.readsPlain(convolution)) {
            plain(input);
        } else {
            input = blocked(input);
        }
        List<String> inputs = new ArrayList<>(List.of(input, weight(convolution)));
        String bias = convolution.input(2);
        if (!bias.isEmpty()) {
            plain(bias);
            bias = weights.bias(bias, sites.shape(convolution.input(1)).size(0));
        }
        if (!bias.isEmpty() || sum != null) {
            inputs.add(bias);
        }
        if (sum != null) {
            inputs.add(blocked(sum));
        }
        Map<String, Attribute> attributes = new TreeMap<>(convolution.attributes());
        attributes.putAll(activation);
        return apply(value, "Conv", inputs, attributes);
    }

    private String weight(Node convolution) {
        String weight = convolution.input(1);
        Shape w = sites.shape(weight);
        if (convolution.integer("group", 1) == 1) {
            plain(weight);
            return sites.readsPlain(convolution) ? weights.fromPlain(weight, w) : weights.dense(weight, w);
        }
        // The weight of a depthwise convolution lies as the channels of one picture do. In the gradient by a weight it
        // is itself a picture, and lies as that does.
        String picture = sites.viewed(weight);
        if (picture != null) {
            return weights.reshaped(blocked(picture), w);
        }
        plain(weight);
        Shape channels = Shape.of(1, w.size(0), w.size(2), w.size(3));
        String reordered = apply(weight, "ReorderInput", List.of(weights.reshaped(weight, channels)), Map.of());
        return weights.reshaped(reordered, w);
    }

    private String apply(String value, String operator, List<String> inputs, Map<String, Attribute> attributes) {
        String output = builder.fresh(value + "/blocked");
        builder.add(new Node("", Engine.BLOCKED_DOMAIN, operator, inputs, List.of(output), attributes));
        return output;
    }
}

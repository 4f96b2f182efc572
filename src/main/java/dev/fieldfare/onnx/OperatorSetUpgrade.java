package dev.fieldfare.onnx;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a model of an older standard operator set to {@value #VERSION}, so that whoever transforms graphs sees one
 * form of every operator. The model computes the same as before. {@link OperatorUpgrades} is the table of operators.
 */
public final class OperatorSetUpgrade {
    /** The operator set that models are brought to. */
    public static final long VERSION = 18;

    /** The version of the file format that came with operator set 18. */
    private static final long IR_VERSION = 8;

    private static final Set<ElementType> OTHER_FLOATS =
            Set.of(ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.DOUBLE);

    private OperatorSetUpgrade() {}

    /**
     * The model in operator set {@value #VERSION}; a model of this or a newer one is returned as it is. Nodes of other
     * domains are left alone. Values keep their names; constants are added where an attribute became an input.
     *
     * @throws FieldfareException if a node has no equivalent; the message names it
     */
    public static OnnxModel upgrade(OnnxModel model) {
        if (model.operatorSet() >= VERSION) {
            return model;
        }
        if (!model.functions().isEmpty()) {
            throw new FieldfareException("the model is written in operator set " + model.operatorSet()
                    + " and defines operators of its own, which cannot be brought to operator set " + VERSION
                    + "; export it again with opset " + VERSION);
        }
        Graph graph = model.graph();
        // Before version 4 of the format every initializer had to be listed as an input, too, and was a constant.
        List<Value> inputs = model.irVersion() < 4 ? graph.requiredInputs() : graph.inputs();
        Set<String> names = new HashSet<>();
        collectNames(graph, names);
        Map<String, TensorData> initializers = new LinkedHashMap<>(graph.initializers());
        UpgradeContext context =
                new UpgradeContext(model.operatorSet(), names, initializers, usesOtherFloats(graph), new HashMap<>());
        List<Node> nodes = nodes(graph, context);
        Map<String, Long> operatorSets = new LinkedHashMap<>(model.operatorSets());
        operatorSets.put("", VERSION);
        return new OnnxModel(
                Math.max(model.irVersion(), IR_VERSION),
                operatorSets,
                new Graph(graph.name(), nodes, inputs, graph.outputs(), initializers, graph.values()),
                model.metadata(),
                model.functions());
    }

    /** Bodies of control-flow operators are of the same operator set; their new constants go to the graph around. */
    private static List<Node> nodes(Graph graph, UpgradeContext outer) {
        UpgradeContext context = outer.within(graph);
        for (Node node : graph.nodes()) {
            Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
            attributes.replaceAll((key, attribute) -> attribute instanceof Attribute.Subgraph(Graph body)
                    ? new Attribute.Subgraph(new Graph(
                            body.name(),
                            nodes(body, context),
                            body.inputs(),
                            body.outputs(),
                            body.initializers(),
                            body.values()))
                    : attribute);
            if (context.from() < 6 && node.domain().isEmpty()) {
                // A hint about memory, which never changed what a node computes.
                attributes.remove("consumed_inputs");
            }
            Node prepared =
                    new Node(node.name(), node.domain(), node.operator(), node.inputs(), node.outputs(), attributes);
            if (node.domain().isEmpty()) {
                OperatorUpgrades.of(node.operator()).apply(prepared, context);
            } else {
                context.emit(prepared);
            }
        }
        return context.nodes();
    }

    private static void collectNames(Graph graph, Set<String> names) {
        names.addAll(graph.initializers().keySet());
        graph.inputs().forEach(value -> names.add(value.name()));
        for (Node node : graph.nodes()) {
            names.addAll(node.outputs());
            subgraphs(node).forEach(body -> collectNames(body, names));
        }
    }

    /** Whether float32 may not be the only floating-point type, as far as the file tells. */
    private static boolean usesOtherFloats(Graph graph) {
        List<ElementType> types = new ArrayList<>();
        graph.initializers().values().forEach(data -> types.add(data.type()));
        List.of(graph.inputs(), graph.outputs(), graph.values())
                .forEach(values -> values.forEach(value -> types.add(value.type())));
        for (Node node : graph.nodes()) {
            if (node.attributes().get("value") instanceof Attribute.Tensor(TensorData value)) {
                types.add(value.type());
            }
            if (subgraphs(node).stream().anyMatch(OperatorSetUpgrade::usesOtherFloats)
                    || node.is("Cast") && OTHER_FLOATS.stream().anyMatch(type -> castsTo(node, type))) {
                return true;
            }
        }
        return types.stream().anyMatch(OTHER_FLOATS::contains);
    }

    private static boolean castsTo(Node cast, ElementType type) {
        return cast.integer("to", 0) == type.code() || cast.text("to", "").equalsIgnoreCase(type.name());
    }

    private static List<Graph> subgraphs(Node node) {
        return node.attributes().values().stream()
                .filter(Attribute.Subgraph.class::isInstance)
                .map(attribute -> ((Attribute.Subgraph) attribute).value())
                .toList();
    }
}

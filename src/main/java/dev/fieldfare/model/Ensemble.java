package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.OperatorSetUpgrade;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several classifiers of the same labels as one network, whose output is the mean of their probabilities, of standard
 * operators only. What they have in common, from the picture on, is in it once: members that were trained on one trunk
 * cost one trunk.
 */
public final class Ensemble {
    private final GraphBuilder builder;
    /** The name here of each constant, and of what each node computes. */
    private final Map<TensorData, String> constants = new HashMap<>();

    private final Map<Computation, List<String>> computed = new HashMap<>();

    /** What a node computes, whatever it is called. */
    private record Computation(
            String domain, String operator, List<String> inputs, Map<String, Attribute> attributes) {}

    private Ensemble(String name) {
        builder = new GraphBuilder(name);
    }

    /**
     * Joins networks.
     *
     * @param members at least one, of one input each, of the same preprocessing, whose first output is [batch x classes];
     *     where the first member has a second one, that is the second of the whole
     * @param output what that output is
     * @param card of the whole; its output is {@link ModelCard.Output#PROBABILITIES}
     */
    static OnnxModel join(List<OnnxModel> members, List<ModelCard.Output> output, ModelCard card) {
        boolean alike = members.stream().map(OnnxModel::operatorSets).distinct().count() == 1;
        List<OnnxModel> upgraded = alike
                ? members
                : members.stream().map(OperatorSetUpgrade::upgrade).toList();
        OnnxModel first = upgraded.getFirst();
        Value picture = first.graph().requiredInputs().getFirst();
        Ensemble ensemble = new Ensemble(first.graph().name());
        ensemble.builder.input(picture);
        List<String> probabilities = new ArrayList<>();
        Map<String, Long> operatorSets = new LinkedHashMap<>();
        Optional<String> distance = Optional.empty();
        for (int i = 0; i < upgraded.size(); i++) {
            operatorSets.putAll(upgraded.get(i).operatorSets());
            List<String> outputs = ensemble.add(upgraded.get(i).graph(), picture.name());
            String given = outputs.getFirst();
            if (i == 0 && outputs.size() > 1) {
                distance = Optional.of(outputs.get(1));
            }
            String flat = ensemble.builder.apply("Flatten", List.of(given), Map.of("axis", Attribute.of(1)));
            probabilities.add(
                    output.get(i) == ModelCard.Output.PROBABILITIES
                            ? flat
                            : ensemble.builder.apply("Softmax", List.of(flat), Map.of("axis", Attribute.of(1))));
        }
        String mean = ensemble.builder.fresh("probabilities");
        ensemble.builder.apply(mean, "Mean", probabilities, Map.of());
        Shape shape = picture.shape();
        Shape.Dimension batch = shape == null
                ? new Shape.Dimension(-1, "N")
                : shape.dimensions().getFirst();
        List<Value> whole = new ArrayList<>();
        whole.add(output(mean, batch, card.labels().size()));
        distance.ifPresent(name -> whole.add(output(name, batch, 1)));
        ensemble.builder.setOutputs(whole);
        ensemble.builder.prune();
        Map<String, String> metadata = new LinkedHashMap<>(first.metadata());
        metadata.put(ModelCard.METADATA_KEY, card.toJson());
        return new OnnxModel(first.irVersion(), operatorSets, ensemble.builder.build(), metadata, first.functions());
    }

    private static Value output(String name, Shape.Dimension batch, long size) {
        return new Value(name, ElementType.FLOAT, new Shape(List.of(batch, new Shape.Dimension(size, ""))));
    }

    /**
     * Joins classifiers that were trained apart. How far pictures are from those that trained one of them says nothing of
     * the others: that output is left out.
     *
     * @throws FieldfareException if they do not know the same labels in the same order, or look at pictures differently
     */
    public static OnnxModel of(List<ClassifierModel> members, Map<String, Object> provenance) {
        ClassifierModel first = members.getFirst();
        for (ClassifierModel member : members) {
            requireSameLabels(first, member);
            if (!member.preprocessing().equals(first.preprocessing())) {
                throw new FieldfareException(member.file() + " prepares pictures in another way than " + first.file()
                        + " (size, crop, colours or normalization; see fieldfare models show), so that they cannot"
                        + " share one input");
            }
        }
        ModelCard card = first.card().withClasses(first.labels(), provenance).ofProbabilities();
        return join(
                members.stream().map(ClassifierModel::withoutDistance).toList(),
                members.stream().map(member -> member.card().output()).toList(),
                card);
    }

    /**
     * Refuses what cannot be averaged.
     *
     * @throws FieldfareException naming both, if they do not know the same labels in the same order
     */
    public static void requireSameLabels(ClassifierModel first, ClassifierModel member) {
        if (!member.labels().equals(first.labels())) {
            throw new FieldfareException(member.file() + " knows other labels than " + first.file()
                    + ", or in another order; the members of an ensemble must know the same: "
                    + String.join(", ", first.labels()));
        }
    }

    /** Adds a member and returns the names of its outputs. */
    private List<String> add(Graph graph, String picture) {
        Map<String, String> names = new HashMap<>();
        names.put("", "");
        names.put(graph.requiredInputs().getFirst().name(), picture);
        graph.initializers().forEach((name, data) -> names.put(name, constant(name, data)));
        for (Node node : graph.nodes()) {
            List<String> inputs = node.inputs().stream().map(names::get).toList();
            Computation computation = new Computation(node.domain(), node.operator(), inputs, node.attributes());
            List<String> outputs = computed.get(computation);
            // Random nodes are the members' own: they are not to draw the same.
            if (outputs == null || outputs.size() < node.outputs().size() || NoisyModel.isRandom(node)) {
                outputs = node.outputs().stream()
                        .map(output -> output.isEmpty() ? "" : builder.fresh(output))
                        .toList();
                builder.add(new Node(
                        outputs.getFirst(), node.domain(), node.operator(), inputs, outputs, node.attributes()));
                computed.put(computation, outputs);
            }
            for (int i = 0; i < node.outputs().size(); i++) {
                names.put(node.output(i), outputs.get(i));
            }
        }
        return graph.outputs().stream()
                .map(output -> names.getOrDefault(output.name(), picture))
                .toList();
    }

    private String constant(String name, TensorData data) {
        return constants.computeIfAbsent(data, same -> builder.constant(name, same));
    }
}

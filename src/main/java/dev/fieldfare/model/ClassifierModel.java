package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** An image classifier in a file, with its card. Immutable. */
public final class ClassifierModel {
    /** Four times as many as the largest public set of pictures has; each has a label in Java's heap. */
    private static final int MOST_CLASSES = 100_000;

    private final Path file;
    private final OnnxModel onnx;
    private final ImageInput input;
    private final ModelCard card;
    private final List<String> assumptions;

    private ClassifierModel(Path file, OnnxModel onnx, ImageInput input, ModelCard card, List<String> assumptions) {
        this.file = file;
        this.onnx = onnx;
        this.input = input;
        this.card = card;
        this.assumptions = List.copyOf(assumptions);
    }

    /**
     * Opens a model. What the file cannot say comes from its metadata, over that {@code NAME.yaml} beside
     * {@code NAME.onnx}, over that the options.
     *
     * @throws FieldfareException if the file is no image classifier, or its card contradicts it
     */
    public static ClassifierModel open(Path file, CardDocument options) {
        OnnxModel onnx = OnnxFile.read(file);
        Graph graph = onnx.graph();
        refuseLoops(graph, file);
        ImageInput input = ImageInput.of(graph, file.toString());
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        CardDocument document = CardDocument.EMPTY;
        String inFile = onnx.metadata().get(ModelCard.METADATA_KEY);
        if (inFile != null) {
            String source = "the card inside " + file;
            document = StrictYaml.parse(inFile, CardDocument.EMPTY, source);
            LabelFile.requireInside(document, folder, source);
        }
        Path beside = folder.resolve(stem(file) + ".yaml");
        if (Files.exists(beside)) {
            CardDocument own = StrictYaml.read(beside, CardDocument.EMPTY);
            LabelFile.requireInside(own, folder, beside.toString());
            document = own.over(document);
        }
        document = options.over(document);
        ModelCard card = ModelCard.complete(document, input, classes(graph, file), declaredOutput(graph), folder);
        requireDistance(graph, card, file);
        return new ClassifierModel(file, onnx, input, card, assumptions(document));
    }

    private static void requireDistance(Graph graph, ModelCard card, Path file) {
        if (card.unknown().beyond() == null) {
            return;
        }
        Shape shape = graph.outputs().size() < 2 ? null : graph.outputs().get(1).shape();
        if (shape == null || shape.rank() != 2 || shape.size(1) != 1) {
            throw new FieldfareException(
                    file + " cannot tell how far pictures are from those that it was trained on: it has no second"
                            + " output [batch x 1]. Leave out unknown.beyond (--unknown-beyond), or retrain it");
        }
    }

    private static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static int classes(Graph graph, Path file) {
        Value output = graph.outputs().getFirst();
        Shape shape = output.shape();
        boolean vector = shape != null
                && output.type() == ElementType.FLOAT
                && shape.rank() >= 2
                && shape.dimensions().stream().skip(2).allMatch(dimension -> dimension.size() == 1)
                && shape.size(1) >= 2;
        if (!vector) {
            throw new FieldfareException(file + " is no image classifier: its output '" + output.name() + "' is "
                    + output.type() + " " + (shape == null ? "of any shape" : shape)
                    + "; expected FLOAT [batch x classes]. A detector or a segmentation model cannot be used here");
        }
        long classes = Objects.requireNonNull(shape).size(1);
        if (classes > MOST_CLASSES) {
            throw new FieldfareException(file + " has " + classes + " outputs, more than the " + MOST_CLASSES
                    + " that Fieldfare takes for classes; is it an image classifier?");
        }
        return (int) classes;
    }

    /** A loop ends when the graph says so, and a stranger's may never. Image classifiers of fixed size have none. */
    private static void refuseLoops(Graph graph, Path file) {
        for (Node node : graph.nodes()) {
            if (node.is("Loop") || node.is("Scan")) {
                throw new FieldfareException(file + " has a " + node.describe() + " in it, which may never end;"
                        + " Fieldfare runs networks without loops: export the model for pictures of a fixed size");
            }
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    refuseLoops(subgraph.value(), file);
                }
            }
        }
    }

    private static ModelCard.Output declaredOutput(Graph graph) {
        Node last = graph.producers().get(graph.outputs().getFirst().name());
        while (last != null && (last.is("Identity") || last.is("Reshape") || last.is("Flatten"))) {
            last = graph.producers().get(last.input(0));
        }
        return last != null && last.is("Softmax") ? ModelCard.Output.PROBABILITIES : ModelCard.Output.LOGITS;
    }

    private static List<String> assumptions(CardDocument document) {
        List<String> assumptions = new ArrayList<>();
        if (document.normalizeOrEmpty().equals(CardDocument.Normalize.EMPTY)) {
            assumptions.add("no card says how pixels are normalized; assuming pixel / 255, without mean and std");
        }
        if (document.labels() == null) {
            assumptions.add("no card names the labels; calling them 'class 0', 'class 1' and so on");
        }
        return assumptions;
    }

    public Path file() {
        return file;
    }

    public ModelCard card() {
        return card;
    }

    public Preprocessing preprocessing() {
        return card.preprocessing();
    }

    public List<String> labels() {
        return card.labels();
    }

    /** The same, of which the models made from it say that pictures are best looked at so. */
    public ClassifierModel withAverage(String average) {
        return new ClassifierModel(file, onnx, input, card.withAverage(average), assumptions);
    }

    /** What was assumed because no card said it; worth telling the user. */
    public List<String> assumptions() {
        return assumptions;
    }

    public String inputName() {
        return input.name();
    }

    public String outputName() {
        return onnx.graph().outputs().getFirst().name();
    }

    /**
     * The output that says how far a picture is from those that trained the network, [batch x 1], see {@link
     * KnownFeatures}; where the card says what to make of it.
     */
    public Optional<String> distanceName() {
        return card.unknown().beyond() == null
                ? Optional.empty()
                : Optional.of(onnx.graph().outputs().get(1).name());
    }

    /** The whole network as the file has it, with its first output only. */
    OnnxModel withoutDistance() {
        GraphBuilder builder = GraphBuilder.from(onnx.graph());
        builder.setOutputs(onnx.graph().outputs().subList(0, 1));
        builder.prune();
        return modern(builder.build());
    }

    /** The whole network for one picture: batch size, height and width fixed. */
    public OnnxModel forOnePicture() {
        GraphBuilder builder = GraphBuilder.from(onnx.graph());
        builder.setInputs(List.of(input.fixed(card.preprocessing())));
        List<Value> outputs = new ArrayList<>(List.of(new Value(outputName(), ElementType.FLOAT, null)));
        distanceName().ifPresent(distance -> outputs.add(new Value(distance, ElementType.FLOAT, null)));
        builder.setOutputs(outputs);
        builder.clearValues();
        return modern(builder.build());
    }

    /** Whether it has nodes in it that no ONNX Runtime knows, but Fieldfare does. */
    public boolean isForeign() {
        return NoisyModel.isForeign(onnx.graph());
    }

    /** The probabilities that the members of an ensemble give, whose mean is the output; empty for a single network. */
    public List<Value> members() {
        Map<String, Node> producers = onnx.graph().producers();
        Node mean = producers.get(outputName());
        if (mean == null || !mean.is("Mean") || card.output() != ModelCard.Output.PROBABILITIES) {
            return List.of();
        }
        return mean.inputs().stream()
                .map(input -> new Value(input, ElementType.FLOAT, null))
                .toList();
    }

    /** Whether the file itself takes exactly one picture, so that it can be run as it lies there. */
    public boolean isForOnePicture() {
        return onnx.graph().requiredInputs().getFirst().shape() instanceof Shape shape && shape.isFixed();
    }

    /** Whether only the batch size is open, and has a symbol by which the runtime can be told it. */
    public boolean isOpenInBatchOnly() {
        return input.height() > 0
                && input.width() > 0
                && !input.batch().symbol().isEmpty();
    }

    /** The symbol of the batch dimension, empty where it has none. */
    public String batchSymbol() {
        return input.batch().symbol();
    }

    /** The frozen part: everything before the last linear layer, for one picture, with one row of features as output. */
    public Trunk trunk() {
        ClassifierLayer layer = ClassifierLayer.find(onnx.graph(), file.toString());
        GraphBuilder builder = GraphBuilder.from(onnx.graph());
        builder.setInputs(List.of(input.fixed(card.preprocessing())));
        builder.clearValues();
        String features = cutAt(layer, builder);
        return new Trunk(
                modern(builder.build()), input.name(), features, layer.node().describe());
    }

    /** The frozen part before a suffix, for one picture: without any node where the suffix is the whole network. */
    public Trunk trunk(Suffix suffix) {
        Trunk whole = trunk();
        GraphBuilder builder = GraphBuilder.from(whole.model().graph());
        builder.setOutputs(List.of(new Value(suffix.cut(), ElementType.FLOAT, suffix.shape())));
        builder.prune();
        return new Trunk(whole.model().withGraph(builder.build()), whole.input(), suffix.cut(), whole.classifier());
    }

    /** The same network with nothing new but a last layer; see {@link #retrained}. */
    public OnnxModel withClassifier(List<String> labels, float[] weight, float[] bias, Map<String, Object> provenance) {
        String features = trunk().features();
        int width = weight.length / Math.max(1, bias.length);
        LastLayer last = new LastLayer(weight, bias);
        return retrained(Suffix.empty(features, width, onnx), labels, last, Optional.empty(), provenance);
    }

    /** One of several members of what is retrained: its layers before the last, and its last. */
    public record Member(Suffix suffix, LastLayer last) {}

    /**
     * The same network with several suffixes and last layers on one trunk, whose mean probabilities are its output.
     *
     * @param known features of the first member
     */
    public OnnxModel ensemble(
            List<String> labels, List<Member> members, Optional<KnownFeatures> known, Map<String, Object> provenance) {
        List<OnnxModel> networks = new ArrayList<>();
        for (Member member : members) {
            Optional<KnownFeatures> own = networks.isEmpty() ? known : Optional.empty();
            networks.add(retrained(member.suffix(), labels, member.last(), own, provenance));
        }
        ModelCard joined = card.withClasses(labels, provenance).ofProbabilities();
        return Ensemble.join(networks, Collections.nCopies(members.size(), card.output()), joined);
    }

    /**
     * The same network, behind the cut with the weights of the suffix, and with a new last layer.
     *
     * @param suffix as it was trained; an empty one leaves the network as it is up to the last layer
     * @param labels of the new classes
     * @param last of those classes
     * @param known what the distance from the training pictures is to come from; without, there is no such output
     * @param provenance where the new model comes from
     */
    public OnnxModel retrained(
            Suffix suffix,
            List<String> labels,
            LastLayer last,
            Optional<KnownFeatures> known,
            Map<String, Object> provenance) {
        int classes = labels.size();
        if (last.classes() != classes) {
            throw new IllegalArgumentException("weights and biases do not fit " + classes + " classes");
        }
        ClassifierLayer layer = ClassifierLayer.find(onnx.graph(), file.toString());
        GraphBuilder builder = GraphBuilder.from(onnx.graph());
        builder.setInputs(onnx.graph().requiredInputs());
        if (suffix.isEmpty()) {
            cutAt(layer, builder);
        } else {
            builder.setOutputs(List.of(new Value(suffix.cut(), ElementType.FLOAT, null)));
            builder.prune();
            builder.append(suffix.stored().graph());
        }
        builder.clearValues();
        builder.setOutputs(List.of());
        String features = suffix.features();
        boolean softmax = card.output() == ModelCard.Output.PROBABILITIES;
        String output = last.emit(builder, features, softmax ? "logits" : outputName(), onnx.operatorSet());
        if (softmax) {
            output = builder.apply(
                    builder.fresh(outputName()), "Softmax", List.of(output), Map.of("axis", Attribute.of(1)));
        }
        Shape shape = new Shape(List.of(input.batch(), new Shape.Dimension(classes, "")));
        List<Value> outputs = new ArrayList<>(List.of(new Value(output, ElementType.FLOAT, shape)));
        known.ifPresent(statistics -> outputs.add(new Value(
                statistics.emit(builder, features, onnx.operatorSet()), ElementType.FLOAT, shape.with(1, 1))));
        builder.setOutputs(outputs);
        Map<String, String> metadata = new LinkedHashMap<>(onnx.metadata());
        metadata.put(
                ModelCard.METADATA_KEY, card.withClasses(labels, provenance).toJson());
        return modern(builder.build()).withMetadata(metadata);
    }

    /** Drops everything behind the features and returns the name of the flat features, [batch x width]. */
    private static String cutAt(ClassifierLayer layer, GraphBuilder builder) {
        builder.setOutputs(List.of(new Value(layer.features(), ElementType.FLOAT, null)));
        builder.prune();
        String features = layer.features();
        if (layer.spatial()) {
            String pooled = builder.apply("GlobalAveragePool", List.of(features));
            features = builder.apply("Flatten", List.of(pooled), Map.of("axis", Attribute.of(1)));
            builder.setOutputs(List.of(new Value(features, ElementType.FLOAT, null)));
        }
        return features;
    }

    /** Constants stand as constants, not as inputs with a default: that needs version 4 of the file format. */
    private OnnxModel modern(Graph graph) {
        Graph plain = new Graph(
                graph.name(),
                graph.nodes(),
                graph.requiredInputs(),
                graph.outputs(),
                graph.initializers(),
                graph.values());
        return new OnnxModel(
                Math.max(4, onnx.irVersion()), onnx.operatorSets(), plain, onnx.metadata(), onnx.functions());
    }
}

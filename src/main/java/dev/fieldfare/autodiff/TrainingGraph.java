package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One training step as two models of standard operators. The first runs forward, loss and backward over a batch, or
 * over each of the micro-batches that make one, and leaves the gradients in tensors of their own, or adds them to what
 * these hold. The second turns gradients into new parameters. Two and not one, because only so can a batch be cut into
 * micro-batches and the gradient be measured before it is followed; and because no node of the first can then read a
 * weight that has been overwritten too early: the runtime knows no order of nodes but that of their data.
 *
 * <p>Every tensor here is an input, and what is computed anew is an output that the trainer pins to the buffer of the
 * tensor itself ({@link #pinnedGradients}, {@link #pinnedUpdates}), so that it is overwritten where it lies.
 *
 * @param gradients inputs: data, parameters, carried tensors and, where it accumulates, the gradients. Outputs: those of
 *     the forward graph, the loss among them, the gradients, and the carried tensors
 * @param update inputs: the scalars, parameters, gradients, states. Outputs: the new parameters and states
 * @param loss the name of the output that holds the loss, a scalar, without the penalty
 * @param data the inputs of the forward graph that are no parameters
 * @param parameters what is trained, float32
 * @param states what the update rule keeps for the parameters, zero at first
 * @param carried what the forward pass itself renews, such as running statistics, by the name of the new value
 * @param updates as they were asked for
 */
public record TrainingGraph(
        OnnxModel gradients,
        OnnxModel update,
        String loss,
        List<Value> data,
        List<Value> parameters,
        List<Value> states,
        Map<String, Value> carried,
        Updates updates) {
    /** Elements whose update takes about as long as handing it to another thread, 0.05 ms. */
    private static final long LEAST_TO_SHARE = 1 << 16;

    /** Elements whose update takes about as long as the nodes of a parameter that has none: 0.02 ms. */
    private static final long NODES = 1 << 14;

    public TrainingGraph {
        data = List.copyOf(data);
        parameters = List.copyOf(parameters);
        states = List.copyOf(states);
        carried = Collections.unmodifiableMap(new LinkedHashMap<>(carried));
    }

    /**
     * What to differentiate.
     *
     * @param model its graph is the forward graph, in float32; its operator set at least
     *     {@value Differentiation#OPERATOR_SET}
     * @param shapes the fixed shapes of all its values, as for {@link Differentiation#gradients}; they fix the batch
     * @param loss a scalar value of the graph; it becomes an output if it is none
     * @param parameters at least one; inputs of the graph, or constants of it, which become inputs. Those of the first
     *     layers first: then the gradients are computed in the order that needs least memory
     * @param carried inputs or constants of the graph (which become inputs) that each pass renews, and the values that
     *     hold their new contents, of the same shapes: running statistics
     */
    public record Forward(
            OnnxModel model,
            Map<String, Shape> shapes,
            String loss,
            List<String> parameters,
            Map<String, String> carried) {
        public Forward {
            parameters = parameters.stream().distinct().toList();
            carried = Collections.unmodifiableMap(new LinkedHashMap<>(carried));
        }

        public Forward(OnnxModel model, Map<String, Shape> shapes, String loss, List<String> parameters) {
            this(model, shapes, loss, parameters, Map.of());
        }

        Value value(String name) {
            Shape shape = shapes.get(name);
            if (shape == null || !shape.isFixed()) {
                throw new FieldfareException("the shape of '" + name + "' is " + (shape == null ? "unknown" : shape)
                        + "; a training graph needs fixed shapes: choose a batch size first");
            }
            return new Value(name, ElementType.FLOAT, shape);
        }
    }

    /**
     * Builds the training graph.
     *
     * @throws FieldfareException as {@link Differentiation#gradients} does, or if a parameter is neither input nor
     *     constant
     */
    public static TrainingGraph of(Forward forward, Updates updates) {
        return of(forward, updates, Kernels.STANDARD);
    }

    /** The same in the form that is fastest with these kernels. */
    public static TrainingGraph of(Forward forward, Updates updates, Kernels kernels) {
        requireParameters(forward);
        List<Value> parameters =
                forward.parameters().stream().map(forward::value).toList();
        List<Value> states = parameters.stream()
                .flatMap(parameter -> updates.rule().states().stream()
                        .map(kind -> renamed(parameter, UpdateRule.state(parameter.name(), kind))))
                .toList();
        Set<String> notData = new TreeSet<>(forward.parameters());
        notData.addAll(forward.carried().keySet());
        List<Value> data = forward.model().graph().requiredInputs().stream()
                .filter(input -> !notData.contains(input.name()))
                .map(input -> new Value(
                        input.name(), input.type(), forward.value(input.name()).shape()))
                .toList();
        Map<String, Value> carried = new LinkedHashMap<>();
        forward.carried().forEach((tensor, renewed) -> carried.put(renewed, forward.value(tensor)));
        long operatorSet = forward.model().operatorSet();
        return new TrainingGraph(
                OnnxModel.of(operatorSet, gradients(forward, updates, data, parameters, carried, kernels)),
                OnnxModel.of(operatorSet, updates.graph(parameters, states)),
                forward.loss(),
                data,
                parameters,
                states,
                carried,
                updates);
    }

    private static Graph gradients(
            Forward forward,
            Updates updates,
            List<Value> data,
            List<Value> parameters,
            Map<String, Value> carried,
            Kernels kernels) {
        Polyphase polyphase = Polyphase.of(forward.model().graph(), forward.shapes(), forward.parameters());
        SmallMaps smallMaps = SmallMaps.of(polyphase.graph(), polyphase.shapes(), forward.parameters(), kernels);
        Graph graph = smallMaps.graph();
        GraphBuilder builder = GraphBuilder.from(graph);
        Stream.concat(forward.parameters().stream(), forward.carried().keySet().stream())
                .filter(graph.initializers()::containsKey)
                .forEach(builder::toInput);
        builder.clearValues();
        Map<String, String> gradients =
                Differentiation.gradients(builder, smallMaps.shapes(), forward.loss(), forward.parameters(), kernels);
        List<Value> held = parameters.stream()
                .map(parameter -> renamed(parameter, UpdateRule.gradient(parameter.name())))
                .toList();
        List<Value> inputs = Stream.of(
                        data.stream(),
                        parameters.stream(),
                        carried.values().stream(),
                        updates.accumulate() ? held.stream() : Stream.<Value>empty())
                .flatMap(stream -> stream)
                .toList();
        builder.setInputs(inputs);
        List<Value> outputs = new ArrayList<>();
        graph.outputs().forEach(output -> outputs.add(known(output, forward.shapes())));
        if (outputs.stream().noneMatch(output -> output.name().equals(forward.loss()))) {
            outputs.add(forward.value(forward.loss()));
        }
        carried.forEach((renewed, tensor) -> outputs.add(renamed(tensor, renewed)));
        gradients.forEach((parameter, gradient) -> {
            String tensor = UpdateRule.gradient(parameter);
            String output = updates.accumulate()
                    ? builder.apply(UpdateRule.updated(tensor), "Add", List.of(tensor, gradient), Map.of())
                    : builder.apply(tensor, "Identity", List.of(gradient), Map.of());
            outputs.add(renamed(forward.value(parameter), output));
        });
        builder.setOutputs(outputs);
        builder.prune();
        Graph built = updates.accumulate()
                ? builder.build()
                : GradientsLast.of(
                        builder.build(),
                        gradients.keySet().stream().map(UpdateRule::gradient).toList());
        carried.forEach((renewed, tensor) -> InPlace.require(built, tensor.name(), renewed));
        return built;
    }

    /**
     * The update cut into graphs that can run at the same time, which take about as long each. One, if the gradients are
     * clipped, since that needs all of them, or if there is too little to do for a second thread to be woken.
     *
     * @param most how many, at least 1
     */
    public List<OnnxModel> updateShares(int most) {
        long elements = elements(parameters);
        if (updates.clipNorm() > 0 || most == 1 || elements < LEAST_TO_SHARE) {
            return List.of(update);
        }
        List<List<Value>> shares = new ArrayList<>();
        for (int i = 0; i < Math.min(most, parameters.size()); i++) {
            shares.add(new ArrayList<>());
        }
        parameters.stream()
                .sorted(Comparator.comparingLong((Value parameter) -> -elements(parameter)))
                .forEach(parameter -> shares.stream()
                        .min(Comparator.comparingLong((List<Value> share) -> elements(share) + share.size() * NODES))
                        .orElseThrow()
                        .add(parameter));
        return shares.stream().map(this::updateOf).toList();
    }

    /** The part of the update that changes these parameters. */
    private OnnxModel updateOf(List<Value> changed) {
        Set<String> tensors = new HashSet<>();
        for (Value parameter : changed) {
            tensors.add(UpdateRule.updated(parameter.name()));
            updates.rule()
                    .states()
                    .forEach(kind -> tensors.add(UpdateRule.updated(UpdateRule.state(parameter.name(), kind))));
        }
        Graph whole = update.graph();
        GraphBuilder builder = GraphBuilder.from(whole);
        builder.setOutputs(whole.outputs().stream()
                .filter(output -> tensors.contains(output.name()))
                .toList());
        builder.prune();
        Set<String> read = new HashSet<>();
        builder.build().nodes().forEach(node -> read.addAll(node.reads()));
        builder.setInputs(whole.inputs().stream()
                .filter(input -> read.contains(input.name()))
                .toList());
        return OnnxModel.of(update.operatorSet(), builder.build());
    }

    private static long elements(Value value) {
        return Objects.requireNonNull(value.shape()).elements();
    }

    private static long elements(List<Value> values) {
        return values.stream().mapToLong(TrainingGraph::elements).sum();
    }

    /** The names of the scalar inputs of the update graph, float32 of shape []. */
    public List<String> scalars() {
        return updates.scalars();
    }

    /** The tensors that hold the gradients, in the order of the parameters. */
    public List<Value> gradientTensors() {
        return parameters.stream()
                .map(parameter -> renamed(parameter, UpdateRule.gradient(parameter.name())))
                .toList();
    }

    /** The tensor into whose buffer each output of the gradient graph is to be written, besides loss and look. */
    public Map<String, String> pinnedGradients() {
        Map<String, String> pinned = new LinkedHashMap<>();
        gradientTensors().forEach(tensor -> pinned.put(updates.gradientOutput(tensor.name()), tensor.name()));
        carried.forEach((renewed, tensor) -> pinned.put(renewed, tensor.name()));
        return Collections.unmodifiableMap(pinned);
    }

    /** The parameter or state into whose buffer each output of the update graph is to be written. */
    public Map<String, String> pinnedUpdates() {
        Map<String, String> pinned = new LinkedHashMap<>();
        Stream.concat(parameters.stream(), states.stream())
                .map(Value::name)
                .forEach(tensor -> pinned.put(UpdateRule.updated(tensor), tensor));
        return Collections.unmodifiableMap(pinned);
    }

    private static Value renamed(Value value, String name) {
        return new Value(name, value.type(), value.shape());
    }

    private static Value known(Value output, Map<String, Shape> shapes) {
        Shape shape = shapes.get(output.name());
        return shape == null ? output : output.withShape(shape);
    }

    private static void requireParameters(Forward forward) {
        Graph graph = forward.model().graph();
        if (forward.parameters().isEmpty()) {
            throw new FieldfareException("a training graph for '" + graph.name() + "' needs a parameter to train");
        }
        Set<String> known = new TreeSet<>(graph.initializers().keySet());
        graph.inputs().forEach(input -> known.add(input.name()));
        for (String parameter : forward.parameters()) {
            if (!known.contains(parameter)) {
                throw new FieldfareException(
                        "'" + parameter + "' cannot be trained: it is neither an input nor a constant "
                                + "of the graph '" + graph.name() + "', which has " + String.join(", ", known));
            }
        }
    }
}

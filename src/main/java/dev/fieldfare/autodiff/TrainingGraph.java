package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One training step as a model of standard operators: forward, loss, backward, update. Its inputs are data, scalars,
 * parameters and states, in this order; its outputs those of the forward graph, the loss among them, and the updated
 * parameters and states. Bind each updated output to the buffer of its tensor (see {@link #pinned}): a run then is a
 * step.
 *
 * @param loss the name of the output that holds the loss, a scalar
 * @param data the inputs of the forward graph that are no parameters
 * @param scalars the names of the scalar inputs of {@link UpdateRule#scalars}, float32 of shape []
 * @param parameters what is trained, float32
 * @param states what the update rule keeps for the parameters, zero at first
 */
public record TrainingGraph(
        OnnxModel model,
        String loss,
        List<Value> data,
        List<String> scalars,
        List<Value> parameters,
        List<Value> states) {

    public TrainingGraph {
        data = List.copyOf(data);
        scalars = List.copyOf(scalars);
        parameters = List.copyOf(parameters);
        states = List.copyOf(states);
    }

    /**
     * Builds the training graph.
     *
     * @param forward of operator set {@value Differentiation#OPERATOR_SET}, in float32
     * @param shapes the fixed shapes of all its values, as for {@link Differentiation#gradients}; they fix the batch
     * @param loss a scalar value of the forward graph; it becomes an output if it is none
     * @param parameters at least one; inputs of the forward graph, or constants of it, which become inputs
     * @throws FieldfareException as {@link Differentiation#gradients} does, or if a parameter is neither input nor
     *     constant
     */
    public static TrainingGraph of(
            Graph forward, Map<String, Shape> shapes, String loss, Collection<String> parameters, UpdateRule rule) {
        if (parameters.isEmpty()) {
            throw new FieldfareException("a training graph for '" + forward.name() + "' needs a parameter to train");
        }
        GraphBuilder builder = GraphBuilder.from(forward);
        requireParameters(forward, parameters);
        parameters.stream()
                .distinct()
                .filter(forward.initializers()::containsKey)
                .forEach(builder::toInput);

        builder.clearValues();
        Map<String, String> gradients = Differentiation.gradients(builder, shapes, loss, parameters);

        // The rules, the states and the pinned buffers all need sizes, so the batch is fixed from here on.
        List<Value> data = forward.requiredInputs().stream()
                .filter(input -> !gradients.containsKey(input.name()))
                .map(input -> input.withShape(shape(shapes, input.name())))
                .toList();
        List<Value> trained = gradients.keySet().stream()
                .map(parameter -> new Value(parameter, ElementType.FLOAT, shape(shapes, parameter)))
                .toList();
        List<Value> states = gradients.keySet().stream()
                .flatMap(parameter -> rule.states().stream()
                        .map(kind -> new Value(
                                UpdateRule.state(parameter, kind), ElementType.FLOAT, shape(shapes, parameter))))
                .toList();
        List<String> scalars = rule.scalars(1, 0).keySet().stream().sorted().toList();
        builder.setInputs(Stream.of(
                        data,
                        scalars.stream().map(scalar -> Value.ofFloats(scalar)).toList(),
                        trained,
                        states)
                .flatMap(List::stream)
                .toList());

        List<Value> outputs = new ArrayList<>();
        forward.outputs()
                .forEach(output -> outputs.add(
                        shapes.containsKey(output.name()) ? output.withShape(shape(shapes, output.name())) : output));
        if (outputs.stream().noneMatch(output -> output.name().equals(loss))) {
            outputs.add(new Value(loss, ElementType.FLOAT, shape(shapes, loss)));
        }
        update(builder, outputs, gradients, rule, scalars);
        Stream.concat(trained.stream(), states.stream())
                .map(tensor -> new Value(UpdateRule.updated(tensor.name()), tensor.type(), tensor.shape()))
                .forEach(outputs::add);
        builder.setOutputs(outputs);
        builder.prune();
        Graph graph = builder.build();
        TrainingGraph training = new TrainingGraph(
                OnnxModel.of(Differentiation.OPERATOR_SET, graph), loss, data, scalars, trained, states);
        training.pinned().forEach((updated, tensor) -> InPlace.require(graph, tensor, updated));
        return training;
    }

    /** The parameter or state into whose buffer each updated output is to be written. */
    public Map<String, String> pinned() {
        Map<String, String> pinned = new LinkedHashMap<>();
        Stream.concat(parameters.stream(), states.stream())
                .map(Value::name)
                .forEach(tensor -> pinned.put(UpdateRule.updated(tensor), tensor));
        return Collections.unmodifiableMap(pinned);
    }

    private static void update(
            GraphBuilder builder,
            List<Value> outputs,
            Map<String, String> gradients,
            UpdateRule rule,
            List<String> scalars) {
        // First drop what only the forward graph had a use for, lest an update should wait for it.
        List<Value> needed = new ArrayList<>(outputs);
        gradients.values().forEach(gradient -> needed.add(new Value(gradient, ElementType.FLOAT, null)));
        builder.setOutputs(needed);
        builder.prune();
        Graph backward = builder.build();
        Map<String, String> ready =
                scalars.stream().collect(Collectors.toMap(Function.identity(), Function.identity()));
        gradients.forEach((parameter, gradient) -> {
            List<String> late = InPlace.lateReads(backward, parameter, gradient);
            rule.emit(builder, parameter, gradient, InPlace.await(builder, parameter, late, ready));
        });
    }

    private static void requireParameters(Graph forward, Collection<String> parameters) {
        Set<String> known = new TreeSet<>(forward.initializers().keySet());
        forward.inputs().forEach(input -> known.add(input.name()));
        for (String parameter : parameters) {
            if (!known.contains(parameter)) {
                throw new FieldfareException(
                        "'" + parameter + "' cannot be trained: it is neither an input nor a constant "
                                + "of the graph '" + forward.name() + "', which has " + String.join(", ", known));
            }
        }
    }

    private static Shape shape(Map<String, Shape> shapes, String value) {
        Shape shape = shapes.get(value);
        if (shape == null || !shape.isFixed()) {
            throw new FieldfareException("the shape of '" + value + "' is " + (shape == null ? "unknown" : shape)
                    + "; a training graph needs fixed shapes: choose a batch size first");
        }
        return shape;
    }
}

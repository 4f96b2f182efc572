package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.ScalarRanks;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How gradients become new parameters: clipping, penalty, update rule, in this order, which is PyTorch's.
 *
 * @param rule what an update is made by
 * @param accumulate whether a batch comes in several micro-batches whose gradients add up. The trainer clears the
 *     gradients before the first
 * @param parts how many gradients by each parameter are added up before they are followed, at least 1: one for each of
 *     the workers that share a batch
 * @param penalties on the size of parameters
 * @param clipNorm if the gradients of all parameters are longer than that as one vector, they are scaled to that length (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
 *     2013, algorithm 1); 0 leaves them as they are
 * @param groups the group of each parameter that is in one; each group has a learning rate of its own, and so have the
 *     parameters in none
 */
public record Updates(
        UpdateRule rule,
        boolean accumulate,
        int parts,
        List<WeightPenalty> penalties,
        float clipNorm,
        Map<String, String> groups) {

    /** Keeps the division defined where all gradients are zero; PyTorch has the same. */
    private static final float LEAST_NORM = 1e-6f;

    public Updates {
        penalties = List.copyOf(penalties);
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
        if (!(clipNorm >= 0) || parts < 1) {
            throw new IllegalArgumentException(
                    "clipNorm must not be negative and parts at least 1, but they are " + clipNorm + " and " + parts);
        }
    }

    /** Nothing but the rule: one batch a step, no penalty, no clipping, one learning rate. */
    public static Updates of(UpdateRule rule) {
        return new Updates(rule, false, 1, List.of(), 0, Map.of());
    }

    /** The same for batches that come in micro-batches, shared by so many workers. */
    public Updates accumulating(int workers) {
        return new Updates(rule, true, workers, penalties, clipNorm, groups);
    }

    /**
     * The values of all scalars of a step.
     *
     * @param step counted from 1
     * @param learningRate of each group; of parameters in none, under the empty name
     */
    public Map<String, Float> scalars(long step, Map<String, Float> learningRate) {
        Map<String, Float> scalars = new TreeMap<>();
        learningRate.forEach((group, rate) ->
                rule.scalars(step, rate).forEach((name, value) -> scalars.put(of(group, name), value)));
        return scalars;
    }

    /** The names of all scalars. */
    List<String> scalars() {
        TreeSet<String> names = new TreeSet<>(groups.values());
        names.add("");
        return names.stream()
                .flatMap(group -> rule.scalars(1, 0).keySet().stream().map(name -> of(group, name)))
                .sorted()
                .toList();
    }

    private static String of(String group, String scalar) {
        return group.isEmpty() ? scalar : group + "." + scalar;
    }

    String gradientOutput(String tensor) {
        return accumulate ? UpdateRule.updated(tensor) : tensor;
    }

    /** From scalars, parameters, gradients and states to new parameters and states. */
    Graph graph(List<Value> parameters, List<Value> states) {
        GraphBuilder builder = new GraphBuilder("update");
        Map<String, List<String>> sums = new LinkedHashMap<>();
        Map<String, String> gradients = new LinkedHashMap<>();
        scalars().forEach(scalar -> builder.input(Value.ofFloats(scalar)));
        parameters.forEach(builder::input);
        for (Value parameter : parameters) {
            List<String> held = new ArrayList<>();
            for (int part = 0; part < parts; part++) {
                held.add(builder.input(
                        new Value(UpdateRule.gradient(parameter.name(), part), parameter.type(), parameter.shape())));
            }
            sums.put(parameter.name(), held);
        }
        states.forEach(builder::input);
        sums.forEach((parameter, held) ->
                gradients.put(parameter, held.size() == 1 ? held.getFirst() : builder.apply("Sum", held)));
        if (clipNorm > 0) {
            clip(builder, gradients);
        }
        for (WeightPenalty penalty : penalties) {
            gradients.replaceAll((parameter, gradient) -> penalty.addTo(builder, parameter, gradient));
        }
        gradients.forEach((parameter, gradient) -> {
            Map<String, String> scalars = new TreeMap<>();
            String group = groups.getOrDefault(parameter, "");
            rule.scalars(1, 0).keySet().forEach(name -> scalars.put(name, of(group, name)));
            rule.emit(builder, parameter, gradient, scalars, UpdateRule.updated(parameter));
        });
        List<Value> outputs = new ArrayList<>();
        List<Value> overwritten = new ArrayList<>(parameters);
        overwritten.addAll(states);
        overwritten.forEach(
                tensor -> outputs.add(new Value(UpdateRule.updated(tensor.name()), tensor.type(), tensor.shape())));
        builder.setOutputs(outputs);
        Graph graph = ScalarRanks.match(builder.build(), Map.of());
        overwritten.forEach(tensor -> InPlace.require(graph, tensor.name(), UpdateRule.updated(tensor.name())));
        return graph;
    }

    private void clip(GraphBuilder builder, Map<String, String> gradients) {
        List<String> squares = gradients.values().stream()
                .map(gradient ->
                        builder.apply("ReduceSumSquare", List.of(gradient), Map.of("keepdims", Attribute.of(0))))
                .toList();
        String norm = builder.apply("Sqrt", List.of(builder.apply("Sum", squares)));
        String least = builder.apply("Add", List.of(norm, builder.constant(LEAST_NORM)));
        String ratio = builder.apply("Div", List.of(builder.constant(clipNorm), least));
        String scale = builder.apply("Min", List.of(ratio, builder.constant(1f)));
        gradients.replaceAll((parameter, gradient) -> builder.apply("Mul", List.of(gradient, scale)));
    }
}

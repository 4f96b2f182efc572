package dev.fieldfare.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Builds a graph, or a changed copy of one: the only way in which graphs change. Not for use by several threads. */
public final class GraphBuilder {
    private final String name;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, TensorData> initializers = new LinkedHashMap<>();
    private final List<Value> values = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> reserved = new HashSet<>();
    private final Map<TensorData, String> shared = new HashMap<>();

    public GraphBuilder(String name) {
        this.name = name;
    }

    /** Starts from a copy of a graph. */
    public static GraphBuilder from(Graph graph) {
        GraphBuilder builder = new GraphBuilder(graph.name());
        builder.nodes.addAll(graph.nodes());
        builder.inputs.addAll(graph.inputs());
        builder.outputs.addAll(graph.outputs());
        builder.initializers.putAll(graph.initializers());
        builder.values.addAll(graph.values());
        graph.inputs().forEach(value -> builder.names.add(value.name()));
        builder.names.addAll(graph.initializers().keySet());
        graph.nodes().forEach(node -> builder.names.addAll(node.outputs()));
        return builder;
    }

    /**
     * Starts from a copy of a graph without its nodes, which are then added one by one, changed or not, with others in
     * between. Fresh names are none of theirs.
     */
    public static GraphBuilder withoutNodes(Graph graph) {
        GraphBuilder builder = from(graph);
        graph.nodes().forEach(node -> builder.reserved.addAll(node.outputs()));
        builder.removeNodes(node -> true);
        return builder;
    }

    /** Adds an input and returns its name. */
    public String input(Value value) {
        if (!initializers.containsKey(value.name())) {
            claim(value.name());
        }
        inputs.add(value);
        return value.name();
    }

    /** Declares a value as an output. */
    public void output(Value value) {
        outputs.add(value);
    }

    /** Adds a constant under exactly this name and returns the name. */
    public String initializer(String initializerName, TensorData data) {
        // An input and the initializer that gives it a default are the one pair that shares a name.
        if (inputs.stream().noneMatch(input -> input.name().equals(initializerName))) {
            claim(initializerName);
        }
        initializers.put(initializerName, data);
        return initializerName;
    }

    /** Adds a constant under a fresh name that begins like this, and returns the name. */
    public String constant(String hint, TensorData data) {
        return initializer(fresh(hint), data);
    }

    /** A float32 scalar constant under some name; equal ones are kept once. */
    public String constant(float value) {
        return shared(TensorData.ofScalar(value));
    }

    /** A one-dimensional int64 constant with one element. Without this overload, one integer would make a float. */
    public String constant(long value) {
        return shared(TensorData.ofLongs(value));
    }

    /** A one-dimensional int64 constant under some name; equal ones are kept once. */
    public String constant(long... values) {
        return shared(TensorData.ofLongs(values));
    }

    /** The constant of that name, null where there is none. */
    public @Nullable TensorData constantOf(String constant) {
        return initializers.get(constant);
    }

    private String shared(TensorData data) {
        String known = shared.get(data);
        // It may have been pruned or replaced since.
        if (known == null || !Objects.equals(initializers.get(known), data)) {
            known = constant("constant", data);
            shared.put(data, known);
        }
        return known;
    }

    /** Applies a standard operator with one output and returns the output's (fresh) name. */
    public String apply(String operator, List<String> operands) {
        return apply(operator, operands, Map.of());
    }

    public String apply(String operator, List<String> operands, Map<String, Attribute> attributes) {
        return apply(fresh(operator), operator, operands, attributes);
    }

    /** Applies a standard operator with one output of exactly this name. */
    public String apply(String output, String operator, List<String> operands, Map<String, Attribute> attributes) {
        add(new Node(output, "", operator, operands, List.of(output), attributes));
        return output;
    }

    /** Appends a node as it is. */
    public void add(Node node) {
        node.outputs().stream().filter(output -> !output.isEmpty()).forEach(this::claim);
        nodes.add(node);
    }

    /**
     * Adds the nodes of a graph and those of its constants that are not here yet, be it as what a node computes from
     * constants; its inputs must be values here.
     */
    public void append(Graph graph) {
        Set<String> computed = new HashSet<>();
        nodes.forEach(node -> computed.addAll(node.outputs()));
        graph.initializers().forEach((constant, data) -> {
            if (!computed.contains(constant) && !Objects.equals(initializers.get(constant), data)) {
                initializer(constant, data);
            }
        });
        graph.nodes().forEach(this::add);
    }

    /**
     * Makes a constant an input that must be given, and returns that input.
     *
     * @throws IllegalStateException if there is no such constant
     */
    public Value toInput(String initializerName) {
        TensorData data = initializers.remove(initializerName);
        if (data == null) {
            throw new IllegalStateException("the graph '" + name + "' has no constant '" + initializerName + "'");
        }
        Value input = new Value(initializerName, data.type(), data.shape());
        inputs.removeIf(value -> value.name().equals(initializerName));
        inputs.add(input);
        return input;
    }

    /**
     * Gives a constant another value.
     *
     * @throws IllegalStateException if there is no such constant
     */
    public void replaceConstant(String initializerName, TensorData data) {
        if (initializers.replace(initializerName, data) == null) {
            throw new IllegalStateException("the graph '" + name + "' has no constant '" + initializerName + "'");
        }
    }

    /** Removes the nodes that match; whoever reads their outputs must be given something else. */
    public void removeNodes(Predicate<Node> which) {
        nodes.removeIf(node -> {
            boolean remove = which.test(node);
            if (remove) {
                node.outputs().forEach(names::remove);
            }
            return remove;
        });
    }

    /** Replaces the inputs by others, without touching the nodes that read them. */
    public void setInputs(List<Value> newInputs) {
        inputs.stream()
                .map(Value::name)
                .filter(input -> !initializers.containsKey(input))
                .forEach(names::remove);
        inputs.clear();
        newInputs.forEach(this::input);
    }

    /** Replaces the outputs by others. */
    public void setOutputs(List<Value> newOutputs) {
        outputs.clear();
        outputs.addAll(newOutputs);
    }

    /** Forgets what the file said of intermediate values; for when a change makes it untrue. */
    public void clearValues() {
        values.clear();
    }

    /** A name that nothing has yet: the hint, or the hint with a number. */
    public String fresh(String hint) {
        String candidate = hint;
        for (int i = 1; names.contains(candidate) || reserved.contains(candidate); i++) {
            candidate = hint + "_" + i;
        }
        return candidate;
    }

    /** Drops every node, constant and constant-backed input that no output depends on. */
    public void prune() {
        Map<String, Node> producers = new Graph(name, nodes, List.of(), List.of(), Map.of(), List.of()).producers();
        Set<String> needed = new HashSet<>();
        Deque<String> pending = new ArrayDeque<>();
        outputs.forEach(value -> pending.add(value.name()));
        while (!pending.isEmpty()) {
            String value = pending.pop();
            if (value.isEmpty() || !needed.add(value)) {
                continue;
            }
            Node producer = producers.get(value);
            if (producer != null) {
                pending.addAll(producer.reads());
            }
        }
        removeNodes(node -> node.outputs().stream().noneMatch(needed::contains));
        inputs.removeIf(value -> initializers.containsKey(value.name()) && !needed.contains(value.name()));
        initializers.keySet().removeIf(constant -> {
            boolean remove = !needed.contains(constant);
            if (remove) {
                names.remove(constant);
            }
            return remove;
        });
        values.removeIf(value -> !needed.contains(value.name()));
    }

    /**
     * The graph as it stands.
     *
     * @throws IllegalStateException if a node or an output reads a value that nothing before it provides
     */
    public Graph build() {
        Set<String> available = new HashSet<>(initializers.keySet());
        available.add("");
        inputs.forEach(value -> available.add(value.name()));
        for (Node node : nodes) {
            for (String input : node.inputs()) {
                if (!available.contains(input)) {
                    throw new IllegalStateException(
                            "the " + node.describe() + " reads '" + input + "', which nothing before it provides");
                }
            }
            available.addAll(node.outputs());
        }
        for (Value output : outputs) {
            if (!available.contains(output.name())) {
                throw new IllegalStateException("nothing provides the output '" + output.name() + "'");
            }
        }
        return new Graph(name, nodes, inputs, outputs, initializers, values);
    }

    private void claim(String value) {
        if (!names.add(value)) {
            throw new IllegalStateException("two things in the graph '" + name + "' are called '" + value + "'");
        }
    }
}

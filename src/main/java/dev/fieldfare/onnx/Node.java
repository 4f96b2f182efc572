package dev.fieldfare.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One application of an operator.
 *
 * @param name may be empty: ONNX does not require names; see {@link #describe()}
 * @param domain empty for the standard operators
 * @param inputs names of values; an empty name is an optional input that is left out
 * @param outputs names of values; an empty name is an optional output that is left out
 */
public record Node(
        String name,
        String domain,
        String operator,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes) {

    public Node {
        // "ai.onnx" is an alias of the standard domain; one spelling spares every reader the comparison.
        domain = domain.equals("ai.onnx") ? "" : domain;
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** Whether this is the standard operator of that name. */
    public boolean is(String standardOperator) {
        return domain.isEmpty() && operator.equals(standardOperator);
    }

    /** The name of an input, empty where it is left out or beyond the end. */
    public String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    /** The name of an output, empty where it is left out or beyond the end. */
    public String output(int index) {
        return index < outputs.size() ? outputs.get(index) : "";
    }

    /** All that the node reads, the bodies of control-flow operators included: they see the names around them. */
    public Set<String> reads() {
        Set<String> reads = new LinkedHashSet<>(inputs);
        for (Attribute attribute : attributes.values()) {
            if (attribute instanceof Attribute.Subgraph subgraph) {
                subgraph.value().nodes().forEach(inner -> reads.addAll(inner.reads()));
                subgraph.value().outputs().forEach(value -> reads.add(value.name()));
            }
        }
        reads.remove("");
        return reads;
    }

    public long integer(String attribute, long otherwise) {
        return attributes.get(attribute) instanceof Attribute.Int found ? found.value() : otherwise;
    }

    public float real(String attribute, float otherwise) {
        return attributes.get(attribute) instanceof Attribute.Real found ? found.value() : otherwise;
    }

    public String text(String attribute, String otherwise) {
        return attributes.get(attribute) instanceof Attribute.Text found ? found.value() : otherwise;
    }

    public long[] integers(String attribute, long... otherwise) {
        return attributes.get(attribute) instanceof Attribute.Ints found ? found.toArray() : otherwise;
    }

    public Node withInputs(List<String> newInputs) {
        return new Node(name, domain, operator, newInputs, outputs, attributes);
    }

    /** How messages call this node: operator and name, or the output where it has no name. */
    public String describe() {
        return name.isEmpty()
                ? operator + " node that computes '" + output(0) + "'"
                : operator + " node '" + name + "'";
    }
}

package dev.fieldfare.model;

import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tensor of a network that can be trained.
 *
 * @param name of the constant in the graph
 * @param node the node that reads it, in words
 * @param output what that node computes
 */
public record Parameter(String name, Kind kind, Shape shape, String node, String output) {
    /** What a parameter does. */
    public enum Kind {
        /** A kernel or a matrix. */
        WEIGHT,
        /** Something added. Its gradient needs no activation. */
        BIAS,
        /** Something that multiplies whole channels. */
        SCALE
    }

    /** By operator, what its constant inputs are, from the second on; all have the data in front. */
    private static final Map<String, List<Kind>> ROLES = Map.of(
            "Conv", List.of(Kind.WEIGHT, Kind.BIAS),
            "ConvTranspose", List.of(Kind.WEIGHT, Kind.BIAS),
            "Gemm", List.of(Kind.WEIGHT, Kind.BIAS),
            "BatchNormalization", List.of(Kind.SCALE, Kind.BIAS),
            "LayerNormalization", List.of(Kind.SCALE, Kind.BIAS),
            "InstanceNormalization", List.of(Kind.SCALE, Kind.BIAS),
            "GroupNormalization", List.of(Kind.SCALE, Kind.BIAS),
            "PRelu", List.of(Kind.SCALE));

    /** Operators of two inputs of which either may be the constant. */
    private static final Map<String, Kind> EITHER =
            Map.of("MatMul", Kind.WEIGHT, "Add", Kind.BIAS, "Mul", Kind.SCALE);

    /** All parameters of a graph, in running order; a tensor that several nodes read is listed at the first. */
    static List<Parameter> of(Graph graph) {
        Map<String, Parameter> found = new LinkedHashMap<>();
        Set<String> otherwise = new HashSet<>();
        for (Node node : graph.nodes()) {
            Set<String> rest = new HashSet<>(node.reads());
            for (Map.Entry<String, Kind> role : roles(node).entrySet()) {
                TensorData data = graph.initializers().get(role.getKey());
                // A single number is a setting of an activation rather than something learnt.
                if (data != null && data.type() == ElementType.FLOAT && data.shape().elements() > 1) {
                    rest.remove(role.getKey());
                    found.putIfAbsent(
                            role.getKey(),
                            new Parameter(role.getKey(), role.getValue(), data.shape(), node.describe(), node.output(0)));
                }
            }
            otherwise.addAll(rest);
        }
        otherwise.forEach(found::remove);
        return new ArrayList<>(found.values());
    }

    private static Map<String, Kind> roles(Node node) {
        Map<String, Kind> roles = new LinkedHashMap<>();
        if (!node.domain().isEmpty()) {
            return roles;
        }
        List<Kind> kinds = ROLES.getOrDefault(node.operator(), List.of());
        for (int i = 0; i < kinds.size(); i++) {
            roles.put(node.input(i + 1), kinds.get(i));
        }
        Kind either = EITHER.get(node.operator());
        if (either != null) {
            node.inputs().forEach(input -> roles.put(input, either));
        }
        roles.remove("");
        return roles;
    }
}

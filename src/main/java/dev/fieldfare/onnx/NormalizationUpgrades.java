package dev.fieldfare.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** Upgrades of operators whose older versions aligned or flattened dimensions in another way. */
final class NormalizationUpgrades {
    private NormalizationUpgrades() {}

    /**
     * Before version 7 the second operand was broadcast only on demand, its dimensions aligned with those of the first
     * that begin at an axis; without an axis with the last ones, as it is today.
     */
    static void legacyBroadcast(Node node, UpgradeContext context) {
        if (context.from() >= 7) {
            context.emit(node);
            return;
        }
        String second = node.input(1);
        if (node.integer("broadcast", 0) != 0 && node.attributes().containsKey("axis")) {
            long axis = node.integer("axis", 0);
            if (axis >= 0) {
                second = aligned(node, context, axis);
            } else if (axis != -1 || context.rank(second).orElse(0) != 1) {
                throw context.refusal(node, "it broadcasts along axis " + axis);
            }
        }
        context.emit(node, List.of(node.input(0), second), "axis", "broadcast");
    }

    /** Before version 7 a slope a channel was one-dimensional and belonged to axis 1; a single slope fits as well. */
    static void parametricRelu(Node node, UpgradeContext context) {
        if (context.from() >= 7 || context.rank(node.input(1)).orElse(1) != 1) {
            context.emit(node);
            return;
        }
        context.emit(node, List.of(node.input(0), aligned(node, context, 1)));
    }

    /** The second input with ones appended to its shape, so that its first dimension meets this axis of the first. */
    private static String aligned(Node node, UpgradeContext context, long axis) {
        String first = node.input(0);
        String second = node.input(1);
        OptionalInt rank = context.rank(first);
        OptionalInt ownRank = context.rank(second);
        if (rank.isPresent() && ownRank.isPresent()) {
            int begin = ownRank.getAsInt();
            long end = rank.getAsInt() - axis;
            return begin >= end
                    ? second
                    : context.apply(
                            node,
                            "Unsqueeze",
                            List.of(
                                    second,
                                    context.longs(LongStream.range(begin, end).toArray())),
                            Map.of());
        }
        // Ranks that the file does not tell are left to the graph: as many ones as follow the aligned dimensions.
        String shape = context.apply(node, "Shape", List.of(second), Map.of());
        String firstShape = context.apply(node, "Shape", List.of(first), Map.of());
        String missing = context.apply(
                node,
                "Sub",
                List.of(
                        context.apply(
                                node,
                                "Sub",
                                List.of(
                                        context.apply(node, "Shape", List.of(firstShape), Map.of()),
                                        context.apply(node, "Shape", List.of(shape), Map.of())),
                                Map.of()),
                        context.longs(axis)),
                Map.of());
        String ones = context.apply(node, "Expand", List.of(context.longs(1), missing), Map.of());
        String target = context.apply(node, "Concat", List.of(shape, ones), Map.of("axis", Attribute.of(0)));
        return context.apply(node, "Reshape", List.of(second, target), Map.of());
    }

    /**
     * Before version 13 the input was seen as a matrix: the dimensions before the axis are rows, the others columns.
     * Along the last axis both definitions agree.
     */
    static void flatSoftmax(Node node, UpgradeContext context) {
        if (context.from() >= 13) {
            context.emit(node);
            return;
        }
        long axis = node.integer("axis", 1);
        OptionalInt rank = context.rank(node.input(0));
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        attributes.put("axis", Attribute.of(-1));
        if (axis == -1 || rank.isPresent() && axis == rank.getAsInt() - 1) {
            context.emit(node, node.operator(), node.inputs(), attributes);
            return;
        }
        String matrix = context.apply(node, "Flatten", List.of(node.input(0)), Map.of("axis", Attribute.of(axis)));
        String normalized = context.apply(node, node.operator(), List.of(matrix), attributes);
        String shape = context.apply(node, "Shape", List.of(node.input(0)), Map.of());
        context.emit(node, "Reshape", List.of(normalized, shape), Map.of());
    }

    /**
     * Version 6 dropped {@code consumed_inputs}, 7 {@code is_test} (then one output means inference), 9 {@code
     * spatial}; 14 says with {@code training_mode} what the number of outputs said.
     */
    static void batchNormalization(Node node, UpgradeContext context) {
        if (context.from() >= 14) {
            context.emit(node);
            return;
        }
        boolean trains = node.outputs().stream().skip(1).anyMatch(output -> !output.isEmpty());
        if (trains || context.from() < 7 && node.integer("is_test", 1) == 0) {
            throw context.refusal(node, "it computes statistics as in training; export the model in evaluation mode");
        }
        if (context.from() >= 9 || node.integer("spatial", 1) != 0) {
            context.emit(new Node(
                    node.name(),
                    "",
                    "BatchNormalization",
                    node.inputs(),
                    List.of(node.output(0)),
                    without(node.attributes(), "is_test", "spatial")));
            return;
        }
        // Statistics for every element of a picture, (x - mean) / sqrt(variance + epsilon) * scale + bias.
        String epsilon = context.scalarLike(node.real("epsilon", 1e-5f), node.input(0), node);
        String variance = context.apply(node, "Add", List.of(node.input(4), epsilon), Map.of());
        String deviation = context.apply(node, "Sqrt", List.of(variance), Map.of());
        String centred = context.apply(node, "Sub", List.of(node.input(0), node.input(3)), Map.of());
        String normalized = context.apply(node, "Div", List.of(centred, deviation), Map.of());
        String scaled = context.apply(node, "Mul", List.of(normalized, node.input(1)), Map.of());
        context.emit(node, "Add", List.of(scaled, node.input(2)), Map.of());
    }

    private static Map<String, Attribute> without(Map<String, Attribute> attributes, String... names) {
        Map<String, Attribute> rest = new LinkedHashMap<>(attributes);
        for (String name : names) {
            rest.remove(name);
        }
        return rest;
    }
}

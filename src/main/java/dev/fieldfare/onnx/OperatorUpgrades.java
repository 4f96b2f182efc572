package dev.fieldfare.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The operators that operator sets 2 to 18 changed, and how to write each in 18. An operator that is not here means
 * the same in all of them: its later versions only take more element types, more attributes with neutral defaults, or
 * wider broadcasting. Source: ONNX, {@code docs/Changelog.md}; the number after an operator is the version that changed
 * it.
 */
final class OperatorUpgrades {
    private static final Map<String, OperatorUpgrade> TABLE = new HashMap<>();

    /** Operators of operator set 1 that were marked experimental and were removed without a replacement. */
    private static final Set<String> REMOVED = Set.of(
            "ATen",
            "Affine",
            "Crop",
            "DynamicSlice",
            "GRUUnit",
            "GivenTensorFill",
            "ImageScaler",
            "ParametricSoftplus",
            "Scale",
            "ScaledTanh");

    static {
        // 7: broadcasting as in NumPy, without attributes.
        for (String operator :
                List.of("Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor")) {
            TABLE.put(operator, NormalizationUpgrades::legacyBroadcast);
        }
        // 13: axes became an input.
        for (String operator : List.of("ReduceSum", "Squeeze", "Unsqueeze")) {
            TABLE.put(operator, (node, context) -> attributesToInputs(node, context, 13, "axes"));
        }
        // 18: axes became an input.
        for (String operator : List.of(
                "ReduceL1",
                "ReduceL2",
                "ReduceLogSum",
                "ReduceLogSumExp",
                "ReduceMax",
                "ReduceMean",
                "ReduceMin",
                "ReduceProd",
                "ReduceSumSquare")) {
            TABLE.put(operator, (node, context) -> attributesToInputs(node, context, 18, "axes"));
        }
        // 13: the axis no longer flattens what follows it, and its default is the last one.
        for (String operator : List.of("Hardmax", "LogSoftmax", "Softmax")) {
            TABLE.put(operator, NormalizationUpgrades::flatSoftmax);
        }
        // 7: the Y output is asked for by its name alone.
        for (String operator : List.of("GRU", "LSTM", "RNN")) {
            TABLE.put(operator, (node, context) -> context.emit(node, node.inputs(), "output_sequence"));
        }
        // 2: p became an integer.
        for (String operator : List.of("GlobalLpPool", "LpPool")) {
            TABLE.put(operator, OperatorUpgrades::integerPower);
        }
        TABLE.put("BatchNormalization", NormalizationUpgrades::batchNormalization); // 6, 7, 9, 14
        TABLE.put("Cast", OperatorUpgrades::cast); // 6
        TABLE.put("Clip", OperatorUpgrades::clip); // 11
        TABLE.put("Concat", (node, context) -> withDefault(node, context, 4, "axis", Attribute.of(1)));
        TABLE.put("Dropout", OperatorUpgrades::dropout); // 7, 10, 12
        TABLE.put("Gemm", (node, context) -> context.emit(node, node.inputs(), "broadcast")); // 7
        TABLE.put("PRelu", NormalizationUpgrades::parametricRelu); // 7
        TABLE.put("Pad", OperatorUpgrades::pad); // 2, 11
        TABLE.put("Reshape", (node, context) -> attributesToInputs(node, context, 5, "shape"));
        TABLE.put("Resize", ResizeUpgrades::resize); // 11, 13
        TABLE.put("RoiAlign", OperatorUpgrades::roiAlign); // 16
        TABLE.put("Scan", OperatorUpgrades::scan); // 9
        TABLE.put(
                "Scatter",
                (node, context) -> context.emit(node, "ScatterElements", node.inputs(), node.attributes())); // 11
        TABLE.put("Selu", OperatorUpgrades::selu); // 6
        TABLE.put("Slice", (node, context) -> attributesToInputs(node, context, 10, "starts", "ends", "axes"));
        TABLE.put("Split", OperatorUpgrades::split); // 2, 13, 18
        TABLE.put("Tile", OperatorUpgrades::tile); // 6
        TABLE.put("TopK", OperatorUpgrades::topK); // 10
        TABLE.put("Upsample", ResizeUpgrades::upsample); // 7, 9, 10
        for (String operator : REMOVED) {
            TABLE.put(operator, (node, context) -> {
                throw context.refusal(node, "the operator was experimental and has been removed from ONNX");
            });
        }
    }

    private OperatorUpgrades() {}

    static OperatorUpgrade of(String operator) {
        return TABLE.getOrDefault(operator, (node, context) -> context.emit(node));
    }

    /** Integer attributes that became inputs, in this order, from a version on; those that are not there stay away. */
    private static void attributesToInputs(Node node, UpgradeContext context, long version, String... attributes) {
        if (context.from() >= version) {
            context.emit(node);
            return;
        }
        List<String> inputs = new ArrayList<>(node.inputs());
        for (String attribute : attributes) {
            long[] values = node.integers(attribute);
            inputs.add(values.length == 0 ? "" : context.longs(values));
        }
        while (inputs.getLast().isEmpty()) {
            inputs.removeLast();
        }
        context.emit(node, inputs, attributes);
    }

    private static void withDefault(
            Node node, UpgradeContext context, long version, String attribute, Attribute value) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        if (context.from() < version) {
            attributes.putIfAbsent(attribute, value);
        }
        context.emit(node, node.operator(), node.inputs(), attributes);
    }

    private static void integerPower(Node node, UpgradeContext context) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        if (attributes.get("p") instanceof Attribute.Real(float p)) {
            if (p != Math.rint(p)) {
                throw context.refusal(node, "its p is " + p + ", and only integers are allowed since 2");
            }
            attributes.put("p", Attribute.of((long) p));
        }
        context.emit(node, node.operator(), node.inputs(), attributes);
    }

    private static void cast(Node node, UpgradeContext context) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        if (attributes.get("to") instanceof Attribute.Text(String type)) {
            try {
                attributes.put(
                        "to",
                        Attribute.of(ElementType.valueOf(type.toUpperCase(Locale.ROOT))
                                .code()));
            } catch (IllegalArgumentException e) {
                throw context.refusal(node, "it casts to '" + type + "', which is no element type of ONNX");
            }
        }
        context.emit(node, node.operator(), node.inputs(), attributes);
    }

    private static void clip(Node node, UpgradeContext context) {
        if (context.from() >= 11) {
            context.emit(node);
            return;
        }
        List<String> inputs = new ArrayList<>(List.of(node.input(0)));
        for (String bound : List.of("min", "max")) {
            inputs.add(
                    node.attributes().containsKey(bound)
                            ? context.scalarLike(node.real(bound, 0), node.input(0), node)
                            : "");
        }
        context.emit(node, inputs, "min", "max");
    }

    private static void dropout(Node node, UpgradeContext context) {
        if (context.from() >= 12) {
            context.emit(node);
            return;
        }
        if (context.isRead(node.output(1))) {
            throw context.refusal(node, "its mask is read, which before version 12 said nothing outside of training");
        }
        String ratio = context.scalar(node.real("ratio", 0.5f));
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        attributes.remove("ratio");
        attributes.remove("is_test");
        context.emit(new Node(
                node.name(), "", "Dropout", List.of(node.input(0), ratio), List.of(node.output(0)), attributes));
    }

    private static void pad(Node node, UpgradeContext context) {
        if (context.from() >= 11) {
            context.emit(node);
            return;
        }
        String pads = context.longs(node.integers(context.from() < 2 ? "paddings" : "pads"));
        String value = context.scalarLike(node.real("value", 0), node.input(0), node);
        context.emit(node, List.of(node.input(0), pads, value), "paddings", "pads", "value");
    }

    /** Version 16 added half-pixel coordinates and made them the default. */
    private static void roiAlign(Node node, UpgradeContext context) {
        withDefault(node, context, 16, "coordinate_transformation_mode", Attribute.of("output_half_pixel"));
    }

    private static void scan(Node node, UpgradeContext context) {
        if (context.from() < 9) {
            throw context.refusal(node, "Scan was another operator before version 9");
        }
        context.emit(node);
    }

    /** Version 6 gave the default constants more digits. */
    private static void selu(Node node, UpgradeContext context) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        if (context.from() < 6) {
            attributes.putIfAbsent("alpha", Attribute.of(1.6732f));
            attributes.putIfAbsent("gamma", Attribute.of(1.0507f));
        }
        context.emit(node, node.operator(), node.inputs(), attributes);
    }

    private static void split(Node node, UpgradeContext context) {
        if (context.from() < 2 && !node.input(1).isEmpty()) {
            throw context.refusal(node, "its sizes are computed");
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>(node.attributes());
        List<String> inputs = node.inputs();
        attributes.remove("split");
        if (context.from() < 13 && node.integers("split").length > 0) {
            inputs = List.of(node.input(0), context.longs(node.integers("split")));
        } else if (node.input(1).isEmpty()) {
            inputs = List.of(node.input(0));
            attributes.put("num_outputs", Attribute.of(node.outputs().size()));
        }
        context.emit(node, node.operator(), inputs, attributes);
    }

    private static void tile(Node node, UpgradeContext context) {
        if (context.from() < 6) {
            throw context.refusal(node, "Tile was another operator before version 6");
        }
        context.emit(node);
    }

    private static void topK(Node node, UpgradeContext context) {
        if (context.from() >= 10) {
            context.emit(node);
            return;
        }
        context.emit(node, List.of(node.input(0), context.longs(node.integer("k", 1))), "k");
    }
}

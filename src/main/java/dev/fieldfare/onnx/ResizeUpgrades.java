package dev.fieldfare.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Upgrades of the operators that enlarge and shrink pictures; {@code Upsample} became {@code Resize}. */
final class ResizeUpgrades {
    private ResizeUpgrades() {}

    /**
     * Version 1 has {@code height_scale} and {@code width_scale} for pictures in NCHW layout, 7 scales as an attribute,
     * 9 as an input. In all of them output position {@code x} reads the input at {@code x / scale}.
     */
    static void upsample(Node node, UpgradeContext context) {
        if (context.from() >= 10) {
            throw context.refusal(node, "version 10 removed Upsample");
        }
        String scales = node.input(1);
        if (context.from() < 7) {
            scales = context.floats(1, 1, node.real("height_scale", 1), node.real("width_scale", 1));
        } else if (context.from() < 9 && node.attributes().get("scales") instanceof Attribute.Reals(var values)) {
            float[] factors = new float[values.size()];
            for (int i = 0; i < factors.length; i++) {
                factors[i] = values.get(i);
            }
            scales = context.floats(factors);
        }
        String mode = node.text("mode", "nearest");
        emitAsymmetric(node, context, scales, mode.equals("bilinear") ? "linear" : mode, "floor");
    }

    static void resize(Node node, UpgradeContext context) {
        if (context.from() == 10) {
            resize10(node, context);
            return;
        }
        if (node.text("coordinate_transformation_mode", "half_pixel").equals("tf_half_pixel_for_nn")) {
            throw context.refusal(node, "version 13 removed the coordinates tf_half_pixel_for_nn");
        }
        // Before version 13 an empty tensor stood for an input that is left out.
        context.emit(node.withInputs(
                node.inputs().stream().map(input -> present(input, context)).toList()));
    }

    private static String present(String input, UpgradeContext context) {
        TensorData constant = context.constantOf(input);
        return constant != null && constant.shape().elements() == 0 ? "" : input;
    }

    /**
     * Version 10 left the rounding of nearest neighbours open. ONNX Runtime rounds down where it enlarges and up where
     * it shrinks.
     */
    private static void resize10(Node node, UpgradeContext context) {
        String mode = node.text("mode", "nearest");
        String rounding = "floor";
        if (mode.equals("nearest")) {
            TensorData scales = context.constantOf(node.input(1));
            if (scales == null) {
                throw context.refusal(node, "its scales are computed, and how it rounds depends on them");
            }
            boolean enlarges = false;
            boolean shrinks = false;
            for (float scale : scales.floats()) {
                enlarges |= scale > 1;
                shrinks |= scale < 1;
            }
            if (enlarges && shrinks) {
                throw context.refusal(node, "it enlarges along one axis and shrinks along another");
            }
            rounding = shrinks ? "ceil" : "floor";
        }
        emitAsymmetric(node, context, node.input(1), mode, rounding);
    }

    private static void emitAsymmetric(Node node, UpgradeContext context, String scales, String mode, String rounding) {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("mode", Attribute.of(mode));
        attributes.put("coordinate_transformation_mode", Attribute.of("asymmetric"));
        attributes.put("nearest_mode", Attribute.of(rounding));
        context.emit(node, "Resize", List.of(node.input(0), "", scales), attributes);
    }
}

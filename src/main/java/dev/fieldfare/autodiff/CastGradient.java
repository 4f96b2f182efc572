package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Node;
import java.util.Set;

/** The gradient of a cast between floating-point types; a cast to another type ends the flow. */
final class CastGradient implements GradientRule {
    private static final Set<ElementType> FLOATING =
            Set.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16);

    @Override
    public boolean differentiates(Node node) {
        long to = node.integer("to", 0);
        return FLOATING.stream().anyMatch(type -> type.code() == to);
    }

    @Override
    public void apply(GradientContext c) {
        c.gradInput(0, c.apply("CastLike", c.gradOutput(0), c.input(0)));
    }
}

package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Node;

/**
 * The gradient of one operator: given the gradient of the loss by the operator's outputs, emits nodes that compute its
 * gradient by the inputs. In the words of ONNX Runtime's {@code gradient_builder_base.h}: {@code input(i)},
 * {@code output(i)}, {@code gradOutput(i)}, {@code needsGrad(i)}.
 */
@FunctionalInterface
interface GradientRule {
    /**
     * Sets {@link GradientContext#gradInput} for each input that {@link GradientContext#needsGrad} asks for. An input
     * that the rule leaves out, although it is needed, is refused with the name of the node.
     */
    void apply(GradientContext context);

    /**
     * Whether a change of the inputs of this node can change the loss through its outputs. Where it cannot, the values
     * behind the node count as constants.
     */
    default boolean differentiates(Node node) {
        return true;
    }
}

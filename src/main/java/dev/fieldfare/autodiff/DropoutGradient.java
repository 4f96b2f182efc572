package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.TensorData;
import java.util.List;
import java.util.Map;

/** The gradient of {@code Dropout}: in use it is the identity, in training its mask and scale apply to the gradient. */
final class DropoutGradient {
    private DropoutGradient() {}

    static void dropout(GradientContext c) {
        TensorData training = c.constant(2);
        if (c.input(2).isEmpty() || training != null && training.bytes().get(0) == 0) {
            c.gradInput(0, c.gradOutput(0));
            return;
        }
        if (training == null || c.output(1).isEmpty()) {
            throw new FieldfareException("the " + c.node().describe() + " drops elements, but "
                    + (training == null ? "whether it does is computed" : "its mask is not an output")
                    + ", so it has no gradient; leave its training_mode out: Fieldfare draws dropout masks itself");
        }
        String ratio = c.input(1).isEmpty() ? c.scalar(0.5f) : c.input(1);
        String kept = c.apply("Cast", List.of(c.output(1)), Map.of("to", Attribute.of(1)));
        String scaled = c.apply("Div", c.gradOutput(0), c.apply("Sub", c.scalar(1), ratio));
        c.gradInput(0, c.apply("Mul", scaled, kept));
    }
}

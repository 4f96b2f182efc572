package dev.fieldfare.noise;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.List;
import java.util.Map;

/**
 * The standard {@code Dropout}. In use it hands on its input, which is the expectation of the inverted form. The plain
 * form, which multiplies by the probability of keeping in use, is a {@code Dropout} and a {@code Mul} by that
 * probability: in training both together multiply by zero or one.
 */
final class DropoutOperator implements RandomOperator {
    @Override
    public String noise() {
        return "dropout";
    }

    @Override
    public boolean isStandard() {
        return true;
    }

    @Override
    public List<NoiseInput> lower(Node node, Shape data, GraphBuilder builder) {
        double rate = rate(node, builder);
        if (rate == 0) {
            builder.apply(node.output(0), "Identity", List.of(node.input(0)), Map.of());
            return List.of();
        }
        Value z = new Value(builder.fresh("z/" + node.output(0)), ElementType.FLOAT, data);
        builder.input(z);
        builder.apply(node.output(0), "Mul", List.of(node.input(0), z.name()), Map.of());
        return List.of(new NoiseInput(z, new Dropout(rate), NoiseInput.Each.PICTURE));
    }

    /** Up to operator set 11 an attribute, then a constant input; 0.5 where it is left out. */
    private static double rate(Node node, GraphBuilder builder) {
        if (node.input(1).isEmpty()) {
            return node.real("ratio", 0.5f);
        }
        TensorData ratio = builder.constantOf(node.input(1));
        if (ratio == null || ratio.shape().elements() != 1) {
            throw new FieldfareException("the " + node.describe()
                    + " computes its ratio; expected a constant. Export the" + " network with a fixed rate of dropout");
        }
        return ratio.floats()[0];
    }
}

package dev.fieldfare.noise;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Places dropout in networks, as standard {@code Dropout} nodes: any runtime reads the file, and Fieldfare finds there
 * where to sample.
 *
 * @param rate probability of dropping an element, 0 up to but not including 1
 */
public record DropoutNodes(double rate, Form form) {
    /** How the expectation is kept. */
    public enum Form {
        /** What is kept in training is divided by the probability of keeping; in use nothing happens. */
        INVERTED,
        /** In use all is multiplied by the probability of keeping (Srivastava et al., 2014, section 4). */
        PLAIN
    }

    /** Before operator set 12 the ratio is an attribute. */
    private static final long RATIO_AS_INPUT = 12;

    private static final long WITHOUT_TEST_MODE = 7;

    /** Drops elements of a value and returns the name of what is left; with a rate of zero that is the value. */
    public String emit(GraphBuilder builder, String value, long operatorSet) {
        if (rate == 0) {
            return value;
        }
        List<String> inputs = new ArrayList<>(List.of(value));
        Map<String, Attribute> attributes = new HashMap<>();
        if (operatorSet >= RATIO_AS_INPUT) {
            inputs.add(builder.constant((float) rate));
        } else {
            attributes.put("ratio", Attribute.of((float) rate));
        }
        if (operatorSet < WITHOUT_TEST_MODE) {
            attributes.put("is_test", Attribute.of(1));
        }
        String dropped = builder.apply(builder.fresh(value + "/dropped"), "Dropout", inputs, attributes);
        return form == Form.INVERTED
                ? dropped
                : builder.apply("Mul", List.of(dropped, builder.constant((float) (1 - rate))));
    }

    /** The model with elements dropped of what some layers read. */
    public OnnxModel before(OnnxModel model, Set<String> layers) {
        Graph graph = model.graph();
        if (rate == 0 || layers.isEmpty()) {
            return model;
        }
        GraphBuilder builder = GraphBuilder.withoutNodes(graph);
        for (Node node : graph.nodes()) {
            if (node.outputs().stream().noneMatch(layers::contains)) {
                builder.add(node);
                continue;
            }
            List<String> inputs = new ArrayList<>(node.inputs());
            inputs.set(0, emit(builder, inputs.getFirst(), model.operatorSet()));
            builder.add(node.withInputs(inputs));
        }
        return model.withGraph(builder.build());
    }
}

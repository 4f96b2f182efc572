package dev.fieldfare.noise;

import dev.fieldfare.onnx.Node;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The table of operators with randomness in them: one line an operator, by domain and name. */
final class RandomOperators {
    private static final Map<String, RandomOperator> TABLE = Map.of(
            ":Dropout",
            new DropoutOperator(),
            NoisyModel.DOMAIN + ":FractionalMaxPool",
            new FractionalMaxPoolOperator());

    private RandomOperators() {}

    /** What averaging can ask for. */
    static SortedSet<String> noises() {
        SortedSet<String> noises = new TreeSet<>();
        TABLE.values().forEach(operator -> noises.add(operator.noise()));
        return noises;
    }

    static @Nullable RandomOperator of(Node node) {
        return TABLE.get(node.domain() + ":" + node.operator());
    }
}

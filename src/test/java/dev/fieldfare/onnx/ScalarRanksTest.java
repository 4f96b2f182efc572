package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalarRanksTest {
    private final GraphBuilder builder = new GraphBuilder("g");
    private final String weight = builder.input(Value.ofFloats("weight", 3, 2, 1, 1));
    private final String matrix = builder.input(Value.ofFloats("matrix", 3, 2));
    private final String rate = builder.input(Value.ofFloats("rate"));

    @Test
    void numbersGetTheRankOfTheTensorThatTheyAreBroadcastOver() {
        String scaled = builder.apply("scaled", "Mul", List.of(weight, rate), Map.of());
        String root = builder.apply("root", "Sqrt", List.of(scaled), Map.of());
        output(builder.apply("y", "Add", List.of(builder.constant(0.5f), root), Map.of()));
        output(builder.apply("z", "Sub", List.of(weight, rate), Map.of()));

        Graph matched = ScalarRanks.match(builder.build(), Map.of());
        Map<String, Node> producers = matched.producers();
        Node reshape = producers.get(producers.get("scaled").input(1));
        assertEquals("Reshape", reshape.operator());
        assertEquals("rate", reshape.input(0));
        assertEquals(List.of(1L, 1L, 1L, 1L), longs(matched, reshape.input(1)));
        assertEquals(reshape.output(0), producers.get("z").input(1), "reshaped once");
        TensorData half = matched.initializers().get(producers.get("y").input(0));
        assertEquals(Shape.of(1, 1, 1, 1), half.shape());
        assertEquals(0.5f, half.floats()[0]);
    }

    /** As in the clipping of gradients by their norm. */
    @Test
    void aReductionToANumberIsANumber() {
        String square =
                builder.apply("square", "ReduceSumSquare", List.of(matrix), Map.of("keepdims", Attribute.of(0)));
        String norm = builder.apply("norm", "Sqrt", List.of(square), Map.of());
        output(builder.apply("y", "Div", List.of(weight, norm), Map.of()));
        Map<String, Node> producers =
                ScalarRanks.match(builder.build(), Map.of()).producers();
        assertEquals("Reshape", producers.get(producers.get("y").input(1)).operator());
    }

    @Test
    void whatIsFastOrUnknownStaysAsItIs() {
        output(builder.apply("y", "Mul", List.of(matrix, rate), Map.of()));
        String unknown = builder.apply("unknown", "Transpose", List.of(weight), Map.of());
        output(builder.apply("z", "Mul", List.of(unknown, rate), Map.of()));
        Graph graph = builder.build();
        assertEquals(graph.nodes(), ScalarRanks.match(graph, Map.of()).nodes());

        Graph informed = ScalarRanks.match(graph, Map.of("unknown", Shape.of(1, 1, 2, 3)));
        assertEquals(graph.nodes().size() + 1, informed.nodes().size());
    }

    private void output(String value) {
        builder.output(new Value(value, ElementType.FLOAT, null));
    }

    private static List<Long> longs(Graph graph, String name) {
        return Arrays.stream(graph.initializers().get(name).longs()).boxed().toList();
    }
}

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainSpecTest {
    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("auto", new TrainSpec.Auto()),
                Arguments.of("last", new TrainSpec.Last()),
                Arguments.of("all", new TrainSpec.All()),
                Arguments.of("blocks:0", new TrainSpec.LastBlocks(0)),
                Arguments.of("blocks:3", new TrainSpec.LastBlocks(3)),
                Arguments.of("blocks:17", new TrainSpec.LastBlocks(17)),
                Arguments.of("from:conv_5", new TrainSpec.From("conv_5")),
                Arguments.of("from:a:b/c:0", new TrainSpec.From("a:b/c:0")),
                Arguments.of("bias:1", new TrainSpec.Sparse(0, 1)),
                Arguments.of("bias:6", new TrainSpec.Sparse(0, 6)),
                Arguments.of("sparse:2/5", new TrainSpec.Sparse(2, 5)),
                Arguments.of("sparse:4/4", new TrainSpec.Sparse(4, 4)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormIsReadAndWritten(String text, TrainSpec spec) {
        assertEquals(spec, TrainSpec.parse(text));
        assertEquals(text, spec.spec());
        assertEquals(spec, TrainSpec.parse("  " + text + " "));
        assertTrue(spec.inWords().startsWith("the ") || spec instanceof TrainSpec.Auto, spec.inWords());
    }

    /** Another way to write the same. */
    @ParameterizedTest
    @CsvSource({"sparse:0/4, bias:4", "blocks: 3, blocks:3", "sparse:1 / 2, sparse:1/2"})
    void whatMeansTheSameIsTheSame(String text, String spec) {
        assertEquals(spec, TrainSpec.parse(text).spec());
        assertEquals(TrainSpec.parse(spec), TrainSpec.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ":",
                "block:3",
                "blocks",
                "blocks:",
                "blocks:-1",
                "blocks:two",
                "blocks:1.5",
                "blocks:99999999999",
                "blocks:1:2",
                "all:1",
                "all:",
                "last:0",
                "auto:1",
                "Last",
                "from",
                "from:",
                "bias",
                "bias:0",
                "bias:x",
                "sparse:3",
                "sparse:",
                "sparse:/",
                "sparse:1/2/3",
                "sparse:-1/2",
                "sparse:0/0",
                "everything"
            })
    void whatIsNoneOfTheFormsIsRefusedWithTheForms(String text) {
        String message = assertThrows(FieldfareException.class, () -> TrainSpec.parse(text))
                .getMessage();
        assertTrue(message.startsWith("train: '" + text + "' is not something that can be trained"), message);
        for (String form : List.of("auto", "last", "blocks:K", "all", "from:NODE", "bias:K", "sparse:W/B")) {
            assertTrue(message.contains(form), message);
        }
    }

    @Test
    void weightsReachNoDeeperThanBiases() {
        String message = assertThrows(FieldfareException.class, () -> TrainSpec.parse("sparse:4/2"))
                .getMessage();
        assertTrue(message.contains("weights of 4 blocks but biases of only 2"), message);
    }

    /** Blocks of one convolution each, a, b and c; the last has a point-wise one, d, with it. */
    private static final Depths DEPTHS = depths("a conv3:4 x; ar relu a; b conv3:4 ar; br relu b; c conv3:4 br;"
            + " cr relu c; d conv1:4 cr; e gap d; f flatten e");

    private static Depths depths(String network) {
        OnnxModel model = TextNetwork.of(network);
        return new Depths(new Trunk(model, "x", "f", "Gemm node"), ShapeInference.of(model), true);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        last       | f  |
        blocks:0   | f  |
        blocks:1   | br | c.weight c.bias d.weight d.bias
        blocks:2   | ar | b.weight b.bias c.weight c.bias d.weight d.bias
        blocks:3   | x  | a.weight a.bias b.weight b.bias c.weight c.bias d.weight d.bias
        all        | x  | a.weight a.bias b.weight b.bias c.weight c.bias d.weight d.bias
        from:d     | cr | d.weight d.bias
        from:/c    | br | c.weight c.bias d.weight d.bias
        from:br    | b  | c.weight c.bias d.weight d.bias
        bias:1     | br | c.bias d.bias
        bias:3     | x  | a.bias b.bias c.bias d.bias
        sparse:1/2 | ar | b.bias c.weight c.bias d.weight d.bias
        sparse:1/3 | x  | a.bias b.bias c.weight c.bias d.weight d.bias
        sparse:2/2 | ar | b.weight b.bias c.weight c.bias d.weight d.bias
        """)
    void whatIsTrained(String text, String cut, String parameters) {
        var suffix = TrainSpec.parse(text).suffix(DEPTHS);
        assertEquals(cut, suffix.cut());
        assertEquals(
                parameters == null ? "" : parameters,
                String.join(
                        " ", suffix.parameters().stream().map(Parameter::name).toList()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocks:4", "bias:9", "sparse:1/4", "sparse:4/5"})
    void moreBlocksThanThereAreAreRefusedWithTheirNumber(String text) {
        TrainSpec spec = TrainSpec.parse(text);
        String message = assertThrows(FieldfareException.class, () -> spec.suffix(DEPTHS))
                .getMessage();
        assertTrue(message.startsWith("train: '" + text + "' asks for "), message);
        assertTrue(message.contains("the network has 3;"), message);
    }
}

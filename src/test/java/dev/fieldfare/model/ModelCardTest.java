package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCardTest {
    @TempDir
    Path folder;

    private static CardDocument document(String yaml) {
        return StrictYaml.parse(yaml, CardDocument.EMPTY, "test");
    }

    private ClassifierModel open(String yaml) {
        return ClassifierModel.open(SmallModels.classifier(folder.resolve("m.onnx")), document(yaml));
    }

    private String refused(String yaml) {
        return assertThrows(FieldfareException.class, () -> open(yaml)).getMessage();
    }

    @Test
    void withoutACardTheModelSpeaksForItself() {
        ClassifierModel model = open("");
        assertEquals(List.of("class 0", "class 1"), model.labels());
        assertEquals(
                new Preprocessing(
                        4,
                        4,
                        Preprocessing.Layout.NCHW,
                        Preprocessing.Colour.RGB,
                        Preprocessing.Resize.SHORT_SIDE,
                        1,
                        Interpolation.BILINEAR,
                        255,
                        List.of(0.0, 0.0, 0.0),
                        List.of(1.0, 1.0, 1.0)),
                model.preprocessing());
        assertEquals(ModelCard.Output.LOGITS, model.card().output());
        assertEquals(Map.of(), model.card().provenance());
        assertEquals(2, model.assumptions().size(), model.assumptions().toString());
    }

    @Test
    void aCardSaysItAll() {
        ClassifierModel model = open("""
            labels: [cat, dog]
            input: {size: 4, layout: nchw, colour: bgr, resize: letterbox, crop: 0.5, interpolation: bilinear}
            normalize: {scale: 128, mean: [1], std: [0.5, 1, 2]}
            output: probabilities
            """);
        assertEquals(List.of("cat", "dog"), model.labels());
        assertEquals(Preprocessing.Colour.BGR, model.preprocessing().colour());
        assertEquals(Preprocessing.Resize.LETTERBOX, model.preprocessing().resize());
        assertEquals(0.5, model.preprocessing().crop());
        assertEquals(128, model.preprocessing().scale());
        assertEquals(List.of(1.0, 1.0, 1.0), model.preprocessing().mean());
        assertEquals(List.of(0.5, 1.0, 2.0), model.preprocessing().std());
        assertEquals(ModelCard.Output.PROBABILITIES, model.card().output());
        assertEquals(List.of(), model.assumptions());
    }

    @Test
    void labelsFromAFileBesideTheModel() throws IOException {
        Files.writeString(folder.resolve("names.txt"), "\uFEFFcat\r\n\r\n  dog \n");
        assertEquals(List.of("cat", "dog"), open("labels: names.txt").labels());
    }

    @Test
    void anOffsetIsOfTheBackground() {
        assertEquals(
                List.of("background", "cat"),
                open("{labels: [cat], labelOffset: 1}").labels());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "labels: [cat]";                     "the list of labels has 1 labels, but the model has 2 outputs; if it has outputs before the first label"
        "{labels: [a, b], labelOffset: 1}";  "the list of labels has 2 labels after an offset of 1, but the model has 2 outputs"
        "{labels: [a], labelOffset: -1}";    "labelOffset must be between 0 and 2"
        "{labels: [a], labelOffset: 2000000000}"; "labelOffset must be between 0 and 2"
        "labels: nowhere.txt";               "the card names the file of labels "
        "input: {size: 5}";                  "the card says input.size 5, but the model's input 'x' takes 4 x 4 pixels"
        "input: {size: [4, 5]}";             "the card says input.size [4,5], but the model's input 'x' takes 4 x 4 pixels"
        "input: {size: [4]}";                "input.size must be a whole number or [height, width], not [4]"
        "input: {size: big}";                "input.size must be a whole number or [height, width], not \"\"big\"\""
        "input: {size: 4.5}";                "input.size must be a whole number or [height, width], not 4.5"
        "input: {size: [4, x]}";             "input.size must be a whole number or [height, width], not [4,\"\"x\"\"]"
        "input: {layout: NHWC}";             "the card says input.layout NHWC, but the model's input 'x' is NCHW"
        "input: {layout: NCWH}";             "input.layout cannot be 'NCWH'; did you mean 'NCHW'? It is one of [NCHW, NHWC]"
        "input: {colour: gray}";             "the card says input.colour GRAY, which has 1 channels, but the model's input 'x' has 3"
        "input: {colour: purple}";           "input.colour cannot be 'purple'. It is one of [RGB, BGR, GRAY]"
        "input: {resize: squash}";           "input.resize cannot be 'squash'. It is one of [short-side, stretch, letterbox]"
        "input: {crop: 1.5}";                "input.crop must be a number of 0.01 to 1, but is 1.5"
        "normalize: {mean: [1, 2]}";         "normalize.mean has 2 numbers; the model's input has 3 channels"
        "normalize: {std: [0]}";             "normalize.std must be 3 numbers"
        "output: logit";                     "output cannot be 'logit'; did you mean 'logits'? It is one of [logits, probabilities]"
        """)
    void contradictionsAndSlipsAreNamed(String yaml, String message) {
        String refused = refused(yaml);
        assertTrue(refused.startsWith(message), refused);
    }

    @ParameterizedTest
    @CsvSource({"short_side, SHORT_SIDE", "Short-Side, SHORT_SIDE", "STRETCH, STRETCH"})
    void wordsMayBeSpelledInAnyCase(String word, Preprocessing.Resize resize) {
        assertEquals(
                resize, open("input: {resize: " + word + "}").preprocessing().resize());
    }

    /** The file's metadata, over it the YAML beside, over that the options. */
    @Test
    void laterSourcesWinAndAreSilentElsewhere() throws IOException {
        Path file = SmallModels.classifier(folder.resolve("m.onnx"));
        var card = new java.util.LinkedHashMap<String, String>();
        card.put(
                ModelCard.METADATA_KEY,
                "{\"labels\": [\"a\", \"b\"], \"normalize\": {\"scale\": 2, \"mean\": [3]},"
                        + " \"input\": {\"crop\": 0.9, \"colour\": \"BGR\"}}");
        OnnxFile.write(OnnxFile.read(file).withMetadata(card), folder.resolve("n.onnx"));
        Files.writeString(folder.resolve("n.yaml"), "{normalize: {scale: 4}, input: {crop: 0.8}}");
        ClassifierModel model = ClassifierModel.open(folder.resolve("n.onnx"), document("input: {crop: 0.7}"));
        assertEquals(List.of("a", "b"), model.labels());
        assertEquals(3.0, model.preprocessing().mean().getFirst());
        assertEquals(Preprocessing.Colour.BGR, model.preprocessing().colour());
        assertEquals(4, model.preprocessing().scale());
        assertEquals(0.7, model.preprocessing().crop());
    }

    @Test
    void aSlipInTheFileBesideIsNamedWithItsLine() throws IOException {
        Path file = SmallModels.classifier(folder.resolve("m.onnx"));
        Path beside = folder.resolve("m.yaml");
        Files.writeString(beside, "labels: [a, b]\ninput:\n  colur: RGB\n");
        String message = assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY))
                .getMessage();
        assertTrue(
                message.startsWith(beside + ", line 3: there is no key 'input.colur'; did you mean 'colour'?"),
                message);
    }

    /** What a new model's metadata say is read back as the same card. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        ""
        "{labels: [a, b], input: {colour: bgr, resize: stretch, crop: 0.875}, normalize: {scale: 1, mean: [0.1, 0.2, 0.3]}, output: probabilities}"
        """)
    void aCardComesBackFromMetadata(String yaml) {
        ClassifierModel model = open(yaml == null ? "" : yaml);
        Map<String, Object> provenance =
                Map.of("parent", "abc", "seed", 7, "settings", Map.of("epochs", 3, "list", List.of(1.5, "x")));
        Path written = folder.resolve("new.onnx");
        List<String> labels = List.of("one", "zwei: größer", "\"three\"");
        OnnxFile.write(model.withClassifier(labels, new float[9], new float[3], provenance), written);
        ClassifierModel again = ClassifierModel.open(written, CardDocument.EMPTY);
        assertEquals(model.card().withClasses(labels, provenance), again.card());
        assertEquals(List.of(), again.assumptions());
    }

    @Test
    void theLastNodeTellsWhetherTheOutputIsProbabilities() {
        GraphBuilder builder = SmallModels.start();
        Path file = SmallModels.classifier(
                folder.resolve("p.onnx"),
                logits -> builder.apply("Softmax", List.of(logits), Map.of("axis", Attribute.of(1))),
                builder);
        assertEquals(
                ModelCard.Output.PROBABILITIES,
                ClassifierModel.open(file, CardDocument.EMPTY).card().output());
    }

    /** [batch x height x width x channels], as TensorFlow has it; and sizes that the model leaves open. */
    @Test
    void channelsLastAreSeen() {
        GraphBuilder builder = SmallModels.start();
        String x = builder.input(SmallModels.picture(-1, -1, 6, 1));
        String mean = builder.apply(
                "ReduceMean", List.of(x), Map.of("axes", Attribute.of(new long[] {1, 2}), "keepdims", Attribute.of(0)));
        String weight = builder.constant("w", TensorData.ofFloats(new float[2], 1, 2));
        Path file =
                SmallModels.write(builder, builder.apply("MatMul", List.of(mean, weight)), folder.resolve("t.onnx"));
        String open = assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY))
                .getMessage();
        assertTrue(open.startsWith("the model leaves the size of its input 'x' open"), open);
        Preprocessing preprocessing =
                ClassifierModel.open(file, document("input: {size: [5, 6]}")).preprocessing();
        assertEquals(Preprocessing.Layout.NHWC, preprocessing.layout());
        assertEquals(Preprocessing.Colour.GRAY, preprocessing.colour());
        assertEquals(5, preprocessing.height());
        assertEquals(6, preprocessing.width());
    }

    @Test
    void aDetectorIsNoClassifier() {
        GraphBuilder builder = SmallModels.start();
        String boxes = builder.apply(
                "Reshape", List.of(builder.input(SmallModels.picture(-1, 3, 4, 4)), builder.constant(-1, 12, 4)));
        Path file = SmallModels.write(builder, boxes, folder.resolve("d.onnx"), -1, 12, 4);
        String message = assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY))
                .getMessage();
        assertTrue(message.startsWith(file + " is no image classifier: its output '" + boxes + "' is FLOAT"), message);
        assertTrue(message.contains("A detector or a segmentation model cannot be used here"), message);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "-1, 12";       "expected FLOAT [batch x channels x height x width] or [batch x height x width x channels]"
        "8, 3, 4, 4";   "takes exactly 8 pictures at a time"
        "-1, 5, 4, 4";  "neither its second nor its last size is 1 or 3 channels"
        """)
    void otherInputsAreRefused(String sizes, String why) {
        GraphBuilder builder = SmallModels.start();
        long[] shape = java.util.Arrays.stream(sizes.split(", "))
                .mapToLong(Long::parseLong)
                .toArray();
        String x = builder.input(SmallModels.picture(shape));
        String flat = builder.apply("Flatten", List.of(x));
        Path file = SmallModels.write(builder, flat, folder.resolve("i.onnx"), -1, 12);
        String message = assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY))
                .getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains(why), message);
    }

    @Test
    void documentsLieOverEachOther() {
        CardDocument above = document("{input: {crop: 0.5}, normalize: {mean: [1]}, provenance: {seed: 2}}");
        CardDocument below =
                document("{labels: [a], labelOffset: 1, input: {crop: 0.9, size: 8}, normalize: {scale: 3},"
                        + " output: logits, provenance: {seed: 1, data: x}}");
        CardDocument both = above.over(below);
        assertEquals(
                document("{labels: [a], labelOffset: 1, input: {crop: 0.5, size: 8}, normalize: {scale: 3, mean: [1]},"
                        + " output: logits, provenance: {data: x, seed: 2}}"),
                both);
        assertEquals(above.input(), above.over(CardDocument.EMPTY).input());
        assertEquals(below.labels(), CardDocument.EMPTY.over(below).labels());
    }
}

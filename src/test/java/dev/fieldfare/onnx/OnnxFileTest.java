package dev.fieldfare.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> writingAndReadingAgainLosesNothing() {
        return Stream.of("models", "conformance/onnx-light", "conformance/onnx-simple")
                .flatMap(data -> TestData.list(data, ".onnx").stream())
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    OnnxModel model = OnnxFile.read(file);
                    Path copy = folder.resolve("copy.onnx");
                    OnnxFile.write(model, copy);
                    assertEquals(model, OnnxFile.read(copy));
                    assertArrayEquals(OnnxFile.bytes(model), Files.readAllBytes(copy));
                }));
    }

    @Test
    void everyKindOfAttributeSurvives() {
        TensorData tensor = TensorData.ofFloats(new float[] {1, -2.5f}, 2);
        GraphBuilder body = new GraphBuilder("body");
        body.apply("inner", "Neg", List.of(body.input(Value.ofFloats("outer", 1))), Map.of());
        body.output(Value.ofFloats("inner", 1));
        Map<String, Attribute> attributes = Map.of(
                "int", Attribute.of(-7),
                "real", Attribute.of(0.1f),
                "text", Attribute.of("grün"),
                "ints", Attribute.of(new long[] {1, 2, Long.MIN_VALUE}),
                "reals", new Attribute.Reals(List.of(1f, Float.NaN)),
                "texts", new Attribute.Texts(List.of("a", "")),
                "noTexts", new Attribute.Texts(List.of()),
                "tensor", new Attribute.Tensor(tensor),
                "subgraph", new Attribute.Subgraph(body.build()));
        GraphBuilder builder = new GraphBuilder("g");
        builder.add(new Node("n", "some.domain", "Op", List.of("x", ""), List.of("y"), attributes)
                .withInputs(List.of(builder.input(new Value("x", ElementType.UINT8, null)), "")));
        builder.output(new Value("y", ElementType.FLOAT, Shape.of(-1, 3)));
        OnnxModel model = OnnxModel.of(17, builder.build()).withMetadata(Map.of("key", "value\nwith lines"));
        Path file = folder.resolve("attributes.onnx");
        OnnxFile.write(model, file);
        assertEquals(model, OnnxFile.read(file));
    }

    @Test
    void sameModelSameBytesWhateverTheOrderOfItsMaps() {
        assertArrayEquals(OnnxFile.bytes(twoAttributes("a", "b")), OnnxFile.bytes(twoAttributes("b", "a")));
    }

    private static OnnxModel twoAttributes(String first, String second) {
        Map<String, Attribute> attributes = new java.util.LinkedHashMap<>();
        attributes.put(first, Attribute.of(1));
        attributes.put(second, Attribute.of(1));
        GraphBuilder builder = new GraphBuilder("g");
        builder.apply("y", "Neg", List.of(builder.input(Value.ofFloats("x", 1))), attributes);
        builder.output(Value.ofFloats("y", 1));
        return OnnxModel.of(17, builder.build());
    }

    @Test
    void whatIsNoModelIsCalledByItsName() throws IOException {
        Map<String, String> expected = Map.of(
                "<!DOCTYPE html><html>", "is a web page",
                "version https://git-lfs.github.com/spec/v1\noid sha256:00", "is a Git LFS pointer",
                "", "is empty",
                "PK\u0003\u0004rest", "PyTorch",
                "\u001c\u0000\u0000\u0000TFL3", "TensorFlow Lite",
                "certainly no protobuf", "not an ONNX model");
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            Path file = Files.writeString(folder.resolve("model.onnx"), entry.getKey());
            String message = messageOf(file);
            assertTrue(message.contains(entry.getValue()), message);
            assertTrue(message.contains("model.onnx"), message);
        }
        assertTrue(messageOf(folder.resolve("absent.onnx")).contains("there is no model file"));
        assertTrue(messageOf(folder).contains("is not a file"));
    }

    @Test
    void missingExternalDataIsNamedWithItsTensor() {
        Path file = TestData.path("robust/models-bad/external-data-missing-mobilenet_v2_fp32.onnx");
        String message = messageOf(file);
        assertTrue(message.contains("missing") && message.contains("put the file"), message);
    }

    /** Wherever a file is cut, the answer is a sentence: never another exception. */
    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(TestData.path("models/mnist-8.onnx"));
        for (int length = 1; length < whole.length; length += 97) {
            Path file = Files.write(folder.resolve("cut.onnx"), java.util.Arrays.copyOf(whole, length));
            try {
                OnnxFile.read(file);
            } catch (FieldfareException expected) {
                assertTrue(expected.getMessage().contains("cut.onnx"), expected.getMessage());
            }
        }
    }

    private static String messageOf(Path file) {
        return assertThrows(FieldfareException.class, () -> OnnxFile.read(file)).getMessage();
    }
}

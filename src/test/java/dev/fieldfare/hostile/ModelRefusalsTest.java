package dev.fieldfare.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that were made to do harm, each one good model with one thing changed. */
class ModelRefusalsTest {
    @TempDir
    Path world;

    private Path folder;
    private Path file;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(world.resolve("models"));
        file = folder.resolve("model.onnx");
        Files.write(folder.resolve(GoodFiles.DATA), GoodFiles.data());
    }

    private static ModelProto good() throws IOException {
        return ModelProto.parseFrom(GoodFiles.models().getFirst());
    }

    private static ModelProto external() throws IOException {
        return ModelProto.parseFrom(GoodFiles.models().getLast());
    }

    private String refused(byte[] model) throws IOException {
        Files.deleteIfExists(file);
        Files.write(file, model);
        FieldfareException refused =
                assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY));
        return String.valueOf(refused.getMessage());
    }

    private void assertRefused(ModelProto model, String why) throws IOException {
        String message = refused(model.toByteArray());
        assertTrue(message.contains(why), message);
    }

    private static ModelProto withGraph(ModelProto model, Consumer<GraphProto.Builder> change) {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        change.accept(graph);
        return model.toBuilder().setGraph(graph).build();
    }

    private static ModelProto withTensor(ModelProto model, Consumer<TensorProto.Builder> change) {
        return withGraph(model, graph -> change.accept(graph.getInitializerBuilder(0)));
    }

    private static void set(TensorProto.Builder tensor, String key, String value) {
        for (StringStringEntryProto.Builder entry : tensor.getExternalDataBuilderList()) {
            if (entry.getKey().equals(key)) {
                entry.setValue(value);
            }
        }
    }

    @Test
    void whatIsNotChangedIsTaken() throws IOException {
        for (ModelProto model : new ModelProto[] {good(), external()}) {
            Files.deleteIfExists(file);
            Files.write(file, model.toByteArray());
            assertEquals(
                    5, ClassifierModel.open(file, CardDocument.EMPTY).labels().size());
        }
    }

    /** 2^59 float32 elements have 2^64 bits: zero, if nobody looks. */
    @Test
    void sizesWhoseBytesOverflowAreImpossible() throws IOException {
        assertRefused(
                withTensor(
                        good(), tensor -> tensor.clearDims().addDims(1L << 59).clearRawData()),
                "impossible sizes");
        assertRefused(
                withTensor(
                        good(),
                        tensor -> tensor.clearDims()
                                .addDims(1L << 32)
                                .addDims(1L << 32)
                                .clearRawData()),
                "impossible sizes");
        assertRefused(withTensor(good(), tensor -> tensor.setDims(0, -1)), "impossible sizes");
    }

    @Test
    void declaredSizesBeyondAllMemoryAreRefused() throws IOException {
        assertRefused(
                withGraph(
                        good(),
                        graph -> graph.getInputBuilder(0)
                                .getTypeBuilder()
                                .getTensorTypeBuilder()
                                .getShapeBuilder()
                                .getDimBuilder(2)
                                .setDimValue(1L << 50)),
                "more than any memory");
        assertRefused(
                withGraph(
                        good(),
                        graph -> graph.getInputBuilder(0)
                                .getTypeBuilder()
                                .getTensorTypeBuilder()
                                .getShapeBuilder()
                                .getDimBuilder(2)
                                .setDimValue(1L << 35)),
                "which no picture has");
        assertRefused(
                withGraph(
                        good(),
                        graph -> graph.getInputBuilder(0)
                                .getTypeBuilder()
                                .getTensorTypeBuilder()
                                .getShapeBuilder()
                                .getDimBuilder(2)
                                .setDimValue(16_000_000)),
                "input.size");
        assertRefused(
                withGraph(
                        good(),
                        graph -> graph.getOutputBuilder(0)
                                .getTypeBuilder()
                                .getTensorTypeBuilder()
                                .getShapeBuilder()
                                .getDimBuilder(1)
                                .setDimValue(1L << 40)),
                "outputs, more than");
    }

    @Test
    void dataOutsideOfTheFolderIsRefusedWhateverTheWayThere() throws IOException {
        Path secret = Files.write(world.resolve("secret"), GoodFiles.data());
        Files.createSymbolicLink(folder.resolve("link"), secret);
        Files.createSymbolicLink(folder.resolve("way"), world);
        for (String location :
                new String[] {"../secret", secret.toString(), "link", "way/secret", "a/../../secret", "", ".", "a\0b"
                }) {
            ModelProto model = withTensor(external(), tensor -> set(tensor, "location", location));
            assertRefused(model, "outside of the model's own folder");
        }
        // A link to what lies in the folder is as good as the file.
        Files.createSymbolicLink(folder.resolve("same"), folder.resolve(GoodFiles.DATA));
        Files.write(
                file,
                withTensor(external(), tensor -> set(tensor, "location", "same"))
                        .toByteArray());
        assertEquals(5, ClassifierModel.open(file, CardDocument.EMPTY).labels().size());
    }

    @Test
    void dataOfAFunctionOrASparseTensorIsLookedAtToo() throws IOException {
        TensorProto.Builder tensor = external().getGraph().getInitializer(0).toBuilder();
        set(tensor, "location", "../secret");
        NodeProto constant = NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("y")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(tensor))
                .build();
        assertRefused(good().toBuilder().addFunctions(function("F", constant)).build(), "outside of");
        assertRefused(withGraph(good(), graph -> graph.addNode(0, constant)), "outside of");
        NodeProto sparse = NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("y")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("sparse_value")
                        .setType(AttributeProto.AttributeType.SPARSE_TENSOR)
                        .setSparseTensor(SparseTensorProto.newBuilder().setValues(tensor)))
                .build();
        assertRefused(withGraph(good(), graph -> graph.addNode(0, sparse)), "SPARSE_TENSOR");
    }

    @Test
    void dataThatReachesBeyondItsFileIsCutOff() throws IOException {
        for (String offset : new String[] {"9000", "-4", "9223372036854775807", "9223372036854775800"}) {
            assertRefused(
                    withTensor(external(), tensor -> set(tensor, "offset", offset)), "beyond the end of its data file");
        }
        assertRefused(withTensor(external(), tensor -> set(tensor, "length", "1e3")), "no number");
    }

    /** A file of 8 kB as any number of weights of 8 kB each. */
    @Test
    void bytesThatAreUsedTooOftenAreRefused() throws IOException {
        ModelProto model = withGraph(external(), graph -> {
            for (int i = 0; i < 1000; i++) {
                graph.addInitializer(graph.getInitializer(0).toBuilder().setName("again" + i));
            }
        });
        assertRefused(model, "more than 2 times");
    }

    /** Protocol buffers make one message of two of the same number; whoever takes the last sees another model. */
    @Test
    void twoGraphsAreRefused() throws IOException {
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        good().writeTo(twice);
        ModelProto.newBuilder().setGraph(good().getGraph()).build().writeTo(twice);
        assertTrue(refused(twice.toByteArray()).contains("two graphs"));
    }

    @Test
    void aCycleIsRefusedAndNotFollowed() throws IOException {
        String output = good().getGraph().getOutput(0).getName();
        ModelProto cycle = withGraph(good(), graph -> {
            graph.clearNode();
            graph.addNode(node("Identity", "pictures", "x"));
            graph.addNode(node("Identity", "a", output));
            graph.addNode(node("Identity", output, "a"));
        });
        assertRefused(cycle, "reads 'a', which nothing before it computes");
    }

    @Test
    void namesThatAreThereTwiceAreRefused() throws IOException {
        assertRefused(
                withGraph(good(), graph -> graph.addNode(1, graph.getNode(0))), "two things in its graph are called");
        assertRefused(withGraph(good(), graph -> graph.addInput(graph.getInput(0))), "two things in its graph");
        assertRefused(withGraph(good(), graph -> graph.addInitializer(graph.getInitializer(0))), "two initializers");
        assertRefused(withGraph(good(), GraphProto.Builder::clearOutput), "no ONNX graph");
    }

    @Test
    void functionsThatUnfoldWithoutEndAreRefused() throws IOException {
        NodeProto self = node("F", "x", "y").toBuilder().setDomain("own").build();
        ModelProto itself = withGraph(
                good().toBuilder().addFunctions(function("F", self)).build(),
                graph -> graph.addNode(0, self.toBuilder().setInput(0, "pictures")));
        assertRefused(itself, "by itself");

        ModelProto.Builder laughs = good().toBuilder().addFunctions(function("F0", node("Identity", "x", "y")));
        for (int i = 1; i < 12; i++) {
            NodeProto inner =
                    node("F" + (i - 1), "x", "y").toBuilder().setDomain("own").build();
            FunctionProto.Builder ten = function("F" + i, inner).toBuilder();
            for (int k = 0; k < 9; k++) {
                ten.addNode(inner);
            }
            laughs.addFunctions(ten);
        }
        NodeProto outer = node("F11", "x", "y").toBuilder().setDomain("own").build();
        assertRefused(
                withGraph(
                        laughs.build(),
                        graph -> graph.addNode(0, outer.toBuilder().setInput(0, "pictures"))),
                "unfolds to more than");
    }

    @Test
    void loopsAreRefused() throws IOException {
        GraphProto body = GraphProto.newBuilder()
                .setName("body")
                .addNode(node("Identity", "pictures", "z"))
                .build();
        NodeProto loop = node("Loop", "", "y").toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("body")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(body))
                .build();
        assertRefused(withGraph(good(), graph -> graph.addNode(0, loop)), "may never end");
        NodeProto hidden = node("If", "pictures", "w").toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("then_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(body.toBuilder().addNode(loop)))
                .build();
        assertRefused(withGraph(good(), graph -> graph.addNode(0, hidden)), "may never end");
        assertRefused(good().toBuilder().addFunctions(function("F", loop)).build(), "may never end");
    }

    /** A comparison with what is no number is always false: an answer would be found, and always the same. */
    @Test
    void aModelWhoseAnswerIsNoNumberIsNotBelieved() throws IOException {
        byte[] noNumbers = new byte[20];
        for (int i = 0; i < noNumbers.length; i += 4) {
            noNumbers[i + 2] = (byte) 0xC0;
            noNumbers[i + 3] = 0x7F;
        }
        ModelProto model = withGraph(
                good(),
                graph -> graph.getInitializerBuilderList().stream()
                        .filter(tensor -> tensor.getDimsCount() == 1 && tensor.getDims(0) == 5)
                        .forEach(tensor -> tensor.setRawData(ByteString.copyFrom(noNumbers))));
        Files.write(file, model.toByteArray());
        ClassifierModel opened = ClassifierModel.open(file, CardDocument.EMPTY);
        try (Classifier classifier = Classifier.open(opened, Averaging.NONE, 1, InstantSource.system())) {
            Picture picture = new Picture(16, 16, new byte[3 * 16 * 16]);
            String message = assertThrows(FieldfareException.class, () -> classifier.predict(picture, Averaging.NONE))
                    .getMessage();
            assertTrue(message.contains("answers with NaN"), message);
        }
    }

    /** A name may hold escape sequences for the terminal that shows it, or be a megabyte. */
    @Test
    void messagesCarryNoControlCharacters() throws IOException {
        ModelProto model = withTensor(
                good(),
                tensor -> tensor.setName("\u001b]0;owned\u0007\u202e" + "x".repeat(1 << 20))
                        .setDims(0, -1));
        String message = refused(model.toByteArray());
        assertTrue(message.length() <= 4000, message.length() + " characters");
        assertFalse(message.chars().anyMatch(c -> c == 0x1B || c == 7 || c == 0x202E), message);
        assertTrue(message.contains("owned"), message);
    }

    /** A model must not show any file of this machine as its labels. */
    @Test
    void labelsOfACardInsideComeFromNoOtherFolder() throws IOException {
        Files.writeString(world.resolve("secret"), "a\nb\nc\nd\ne\n");
        Files.createSymbolicLink(folder.resolve("link.txt"), world.resolve("secret"));
        for (String name : new String[] {"../secret", world.resolve("secret").toString(), "link.txt", "a\\0b"}) {
            String card = "{\"labels\": \"" + name.replace("\\0", "\\u0000") + "\"}";
            ModelProto model = good().toBuilder()
                    .addMetadataProps(StringStringEntryProto.newBuilder()
                            .setKey("fieldfare.card")
                            .setValue(card))
                    .build();
            assertRefused(model, "not in the model's own folder");
        }
        Files.delete(file);
        Files.write(file, good().toByteArray());
        Files.writeString(folder.resolve("model.yaml"), "labels: ../secret\n");
        FieldfareException beside =
                assertThrows(FieldfareException.class, () -> ClassifierModel.open(file, CardDocument.EMPTY));
        assertTrue(String.valueOf(beside.getMessage()).contains("not in the model's own folder"), beside.getMessage());
        Files.writeString(folder.resolve("names.txt"), "a\nb\nc\nd\ne\n");
        Files.writeString(folder.resolve("model.yaml"), "labels: names.txt\n");
        assertEquals(
                "e", ClassifierModel.open(file, CardDocument.EMPTY).labels().getLast());
    }

    private static NodeProto node(String operator, String input, String output) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addInput(input)
                .addOutput(output)
                .build();
    }

    private static FunctionProto function(String name, NodeProto node) {
        return FunctionProto.newBuilder()
                .setDomain("own")
                .setName(name)
                .addInput("x")
                .addOutput("y")
                .addNode(node)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .build();
    }
}

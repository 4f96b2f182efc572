package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fieldfare.TestData;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Networks that people really have: every kind of classifier, float and quantized, old and new operator sets. */
class RealModelsTest {
    @TempDir
    Path folder;

    private static Stream<Path> models() {
        return TestData.list("models", ".onnx").stream();
    }

    private static ClassifierModel open(Path file) {
        return ClassifierModel.open(file, CardDocument.EMPTY);
    }

    /** Outputs that ONNX Runtime for Python computed from the same tensors. */
    @TestFactory
    Stream<DynamicTest> reproduceTheReferenceOutputs() {
        return TestData.list("reference", "output.f32").stream().map(file -> {
            String name = file.getParent().getFileName().toString();
            return DynamicTest.dynamicTest(name, () -> {
                float[] input = floats(file.resolveSibling("input.f32"));
                float[] expected = floats(file);
                try (Classifier classifier = Classifier.open(
                        open(TestData.path("models/" + name + ".onnx")), Averaging.NONE, 1, InstantSource.system())) {
                    float[] actual = classifier.raw(input);
                    // Quantized kernels round at every layer, and which way depends on the processor.
                    float tolerance = name.endsWith("qdq") ? 0.5f : 2e-4f;
                    assertArrayEquals(expected, actual, tolerance);
                    assertEquals(indexOfLargest(expected), indexOfLargest(actual));
                }
            });
        });
    }

    private static int indexOfLargest(float[] values) {
        int best = 0;
        for (int i = 0; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    /** Cut in two, given another classifier and written: the file computes features * weight' + bias. */
    @TestFactory
    Stream<DynamicTest> takeANewClassifier() {
        return models().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            ClassifierModel model = open(file);
            Preprocessing preprocessing = model.preprocessing();
            RandomGenerator random = new Seed(7).generator("test");
            Picture picture = noise(random, preprocessing.width(), preprocessing.height());

            Trunk trunk = model.trunk();
            Shape shape = ShapeInference.of(trunk.model()).get(trunk.features());
            assertEquals(2, shape.rank(), "features are one row a picture");
            int width = (int) shape.size(1);
            Tensor features = Tensor.zeros(1, width);
            try (Session session = Session.open("trunk", trunk.model(), SessionSettings.ofThreads(1));
                    Tensor input = Tensor.zeros(preprocessing.shape())) {
                preprocessing.toTensor(picture, View.CENTRE, input.elements());
                session.run(Map.of(trunk.input(), input), Map.of(trunk.features(), features));
            }
            List<String> labels = List.of("one", "two", "three");
            float[] weight = new float[labels.size() * width];
            for (int i = 0; i < weight.length; i++) {
                weight[i] = random.nextFloat() - 0.5f;
            }
            float[] bias = {0.1f, -0.2f, 0.3f};
            Path written = folder.resolve("new.onnx");
            OnnxFile.write(model.withClassifier(labels, weight, bias, Map.of("parent", "abc")), written);

            ClassifierModel again = open(written);
            assertEquals(labels, again.labels());
            assertEquals(preprocessing, again.preprocessing());
            assertEquals(Map.of("parent", "abc"), again.card().provenance());
            assertTrue(again.assumptions().isEmpty(), "one file is enough: " + again.assumptions());
            float[] logits = bias.clone();
            for (int c = 0; c < logits.length; c++) {
                for (int f = 0; f < width; f++) {
                    logits[c] += weight[c * width + f] * features.elements().get(f);
                }
            }
            float[] expected = Classifier.softmax(logits);
            try (Classifier classifier = Classifier.open(again, Averaging.NONE, 1, InstantSource.system())) {
                Prediction prediction = classifier.predict(picture, Averaging.NONE);
                assertArrayEquals(expected, prediction.probabilities(), 1e-4f);
            }
            features.close();
        }));
    }

    /** A picture of which everybody knows what it shows. */
    @TestFactory
    Stream<DynamicTest> seeTheCat() {
        return Stream.of("mobilenet_v2_1.0_224_quant.fp32", "mobilenetv2-12-qdq")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    boolean imagenet1001 = name.contains("quant");
                    CardDocument card = new CardDocument(
                            JsonNodeFactory.instance.textNode(TestData.path("labels/imagenet_classes_1000.txt")
                                    .toAbsolutePath()
                                    .toString()),
                            imagenet1001 ? 1 : 0,
                            new CardDocument.Input(null, null, "rgb", "short-side", 0.875, null),
                            imagenet1001
                                    ? new CardDocument.Normalize(128.0, List.of(1.0), List.of(1.0))
                                    : new CardDocument.Normalize(
                                            255.0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)),
                            null,
                            null,
                            null,
                            null,
                            null);
                    ClassifierModel model = ClassifierModel.open(TestData.path("models/" + name + ".onnx"), card);
                    Picture picture = dev.fieldfare.image.PictureReader.read(
                            TestData.path("pictures/coral-images/cat.bmp"),
                            model.preprocessing().wantedShortSide());
                    try (Classifier classifier = Classifier.open(model, Averaging.NONE, 1, InstantSource.system())) {
                        for (String spec : List.of("none", "crops:5+flip")) {
                            Prediction prediction = classifier.predict(picture, Averaging.parse(spec));
                            assertTrue(
                                    prediction.label().contains("cat")
                                            || prediction.label().contains("tabby"),
                                    spec + ": " + prediction.top(3));
                        }
                    }
                }));
    }

    private static Picture noise(RandomGenerator random, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        return new Picture(width, height, rgb);
    }
}

package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.noise.DropoutNodes;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several classifiers in one file, checked against each of them run by itself. */
class EnsembleTest {
    private static final String NETWORK = "a conv3:4 x; b relu a; p gap b; f flatten p; o gemm:3 f";
    private static final List<String> LABELS = List.of("p", "q", "r");

    @TempDir
    Path folder;

    private ClassifierModel parent;

    @BeforeEach
    void makeParent() {
        parent = TextNetwork.classifier(NETWORK, folder.resolve("parent.onnx"));
    }

    private static LastLayer layer(long number, DropoutNodes dropout) {
        RandomGenerator random = new Seed(number).generator("layer");
        float[] weight = new float[12];
        float[] bias = new float[3];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < bias.length; i++) {
            bias[i] = (float) random.nextGaussian();
        }
        return new LastLayer(weight, bias, new float[0], dropout);
    }

    private ClassifierModel write(OnnxModel model, String name) {
        Path file = folder.resolve(name);
        OnnxFile.write(model, file);
        return ClassifierModel.open(file, CardDocument.EMPTY);
    }

    private static float[] run(ClassifierModel model) {
        RandomGenerator random = new Seed(5).generator("picture");
        try (Session session = Session.open("test", model.forOnePicture(), SessionSettings.ofThreads(1));
                Tensor picture = Tensor.zeros(1, 3, TextNetwork.SIDE, TextNetwork.SIDE);
                Tensor output = Tensor.zeros(1, 3)) {
            var elements = picture.elements();
            while (elements.hasRemaining()) {
                elements.put((float) random.nextGaussian());
            }
            session.run(Map.of("x", picture), Map.of(model.outputName(), output));
            return output.toArray();
        }
    }

    private static float[] softmax(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        float[] probabilities = new float[logits.length];
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = (float) (Math.exp(logits[c]) / sum);
        }
        return probabilities;
    }

    @Test
    void severalHeadsStandOnOneTrunk() {
        DropoutNodes dropout = new DropoutNodes(0.5, DropoutNodes.Form.INVERTED);
        Suffix nothing = Suffix.empty("f", 4, parent.trunk().model());
        List<ClassifierModel.Member> members = new ArrayList<>();
        float[] mean = new float[3];
        for (long i = 0; i < 4; i++) {
            LastLayer last = layer(i, dropout);
            members.add(new ClassifierModel.Member(nothing, last));
            float[] one = softmax(
                    run(write(parent.retrained(nothing, LABELS, last, Optional.empty(), Map.of()), i + ".onnx")));
            for (int c = 0; c < 3; c++) {
                mean[c] += one[c] / 4;
            }
        }
        ClassifierModel ensemble =
                write(parent.ensemble(LABELS, members, Optional.empty(), Map.of("seed", 1)), "ensemble.onnx");
        assertArrayEquals(mean, run(ensemble), 1e-6f);
        assertEquals(4, ensemble.members().size());
        assertEquals(ModelCard.Output.PROBABILITIES, ensemble.card().output());
        assertEquals(LABELS, ensemble.labels());
        List<String> operators = ensemble.forOnePicture().graph().nodes().stream()
                .map(node -> node.operator())
                .toList();
        assertEquals(1, operators.stream().filter("Conv"::equals).count(), "the trunk is there once");
        assertEquals(4, operators.stream().filter("Gemm"::equals).count());
        assertEquals(4, operators.stream().filter("Dropout"::equals).count(), "each member draws for itself");
        // It can be retrained: a new last layer on the same trunk.
        assertEquals("f", ensemble.trunk().features());
    }

    @Test
    void modelsThatWereTrainedApartShareNothingButThePicture() {
        ClassifierModel other =
                TextNetwork.classifier("a conv3:5 x; p gap a; f flatten p; o gemm:3 f", folder.resolve("other.onnx"));
        ClassifierModel both = write(Ensemble.of(List.of(parent, other), Map.of()), "both.onnx");
        float[] first = softmax(run(parent));
        float[] second = softmax(run(other));
        float[] mean = new float[3];
        for (int c = 0; c < 3; c++) {
            mean[c] = (first[c] + second[c]) / 2;
        }
        assertArrayEquals(mean, run(both), 1e-6f);
        // The same twice is there once, and its mean is itself.
        ClassifierModel same = write(Ensemble.of(List.of(parent, parent), Map.of()), "same.onnx");
        assertArrayEquals(first, run(same), 1e-6f);
        assertEquals(
                1,
                same.forOnePicture().graph().nodes().stream()
                        .filter(node -> node.is("Conv"))
                        .count());
    }

    @Test
    void membersMustKnowTheSameLabels() {
        ClassifierModel other =
                TextNetwork.classifier("a conv3:4 x; p gap a; f flatten p; o gemm:4 f", folder.resolve("four.onnx"));
        var refused = assertThrows(FieldfareException.class, () -> Ensemble.of(List.of(parent, other), Map.of()));
        assertTrue(refused.getMessage().contains("four.onnx knows other labels than"), refused.getMessage());
    }
}

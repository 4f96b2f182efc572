package dev.fieldfare.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AveragingTest {
    private static Preprocessing preprocessing(double crop) {
        return new Preprocessing(
                8,
                8,
                Preprocessing.Layout.NCHW,
                Preprocessing.Colour.GRAY,
                Preprocessing.Resize.SHORT_SIDE,
                crop,
                Interpolation.BILINEAR,
                255,
                List.of(0.0),
                List.of(1.0));
    }

    @ParameterizedTest
    @CsvSource({"none, 1", "flip, 2", "crops:1, 1", "crops:5, 5", "crops:5+flip, 10", "flip+crops:9, 18"})
    void allLooksAreDifferentAndTheMiddleComesFirst(String spec, int looks) {
        List<View> views = Averaging.parse(spec).views(preprocessing(1));
        assertEquals(looks, views.size());
        assertEquals(looks, new HashSet<>(views).size());
        assertEquals(View.CENTRE, views.getFirst());
        long mirrored = views.stream().filter(View::mirrored).count();
        assertEquals(spec.contains("flip") ? looks / 2 : 0, mirrored);
    }

    /** 224 of 256: the margin that a crop of 0.875 has already is not added once more. */
    @ParameterizedTest
    @CsvSource({"1, 1.1428571428571428", "0.875, 1", "0.95, 1.0857142857142856", "0.5, 1"})
    void windowsGetAMarginToMoveIn(double crop, double zoom) {
        List<View> views = Averaging.parse("crops:5").views(preprocessing(crop));
        assertEquals(1, views.getFirst().window().zoom());
        views.subList(1, 5).forEach(view -> assertEquals(zoom, view.window().zoom(), 1e-12));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "crop",
                "crops",
                "crops:0",
                "crops:10",
                "crops:x",
                "crops:-1",
                "flip+",
                "dropout",
                "dropout:0",
                "crops:2,",
                "crops:2,until:1",
                "crops:2,until:0.2",
                "crops:2,within:3s"
            })
    void allElseIsRefusedWithWhatThereIs(String spec) {
        var refused = assertThrows(FieldfareException.class, () -> Averaging.parse(spec));
        assertTrue(refused.getMessage().startsWith("average " + spec + ": "), refused.getMessage());
        boolean source = !spec.contains(",") && !spec.equals("dropout:0");
        assertEquals(
                source, refused.getMessage().contains("1 to 9"), "how many windows there are: " + refused.getMessage());
    }

    /** Two looks, (0.9, 0.1) and (0.5, 0.5): entropies worked out by hand. */
    @Test
    void aPredictionIsTheMeanOfItsLooks() {
        Prediction prediction =
                Prediction.mean(List.of("a", "b"), List.of(new float[] {0.9f, 0.1f}, new float[] {0.5f, 0.5f}));
        assertEquals("a", prediction.label());
        assertEquals(0.7, prediction.probability(), 1e-6);
        assertEquals(2, prediction.samples());
        double total = -0.7 * Math.log(0.7) - 0.3 * Math.log(0.3);
        double each = (-0.9 * Math.log(0.9) - 0.1 * Math.log(0.1) + Math.log(2)) / 2;
        assertEquals(total, prediction.entropy(), 1e-6);
        assertEquals(total - each, prediction.mutualInformation(), 1e-6);
    }

    @Test
    void looksThatAgreeTellNothingOfEachOther() {
        float[] look = {0.2f, 0.3f, 0.5f};
        Prediction prediction = Prediction.mean(List.of("a", "b", "c"), List.of(look, look, look));
        assertEquals(0, prediction.mutualInformation(), 1e-6);
        assertEquals(
                List.of("c", "b"),
                prediction.top(2).stream().map(Prediction.Ranked::label).toList());
        assertEquals(3, prediction.top(9).size());
        assertEquals(
                0,
                Prediction.mean(List.of("a", "b"), List.of(new float[] {1, 0})).entropy());
    }

    /** Logits that would overflow, and such as differ by nothing but a constant. */
    @Test
    void softmaxIsSafe() {
        float[] large = Classifier.softmax(new float[] {1000, 1001, -1000});
        double e = Math.E;
        assertEquals(1 / (1 + e), large[0], 1e-6);
        assertEquals(e / (1 + e), large[1], 1e-6);
        assertEquals(0, large[2]);
        assertEquals(1 / 3.0, Classifier.softmax(new float[] {-7, -7, -7})[1], 1e-7);
    }
}

package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Confident learning on answers that were made up: thresholds, and what lies beyond them. */
class SuspectTest {
    private static final List<String> LABELS = List.of("bolt", "nut", "pin");

    private final List<LabelledPicture> pictures = new ArrayList<>();
    private final List<float[]> probabilities = new ArrayList<>();

    /** A picture of which a model that did not train on it says this. */
    private void picture(String name, int label, double... of) {
        pictures.add(new LabelledPicture(Path.of(name), label, null));
        float[] floats = new float[of.length];
        for (int c = 0; c < of.length; c++) {
            floats[c] = (float) of[c];
        }
        probabilities.add(floats);
    }

    private List<Suspect> suspects() {
        Answers answers =
                Answers.of(pictures.stream().mapToInt(LabelledPicture::label).toArray());
        for (int i = 0; i < pictures.size(); i++) {
            answers.set(i, probabilities.get(i));
        }
        return Suspect.among(answers, pictures, LABELS);
    }

    private List<String> names() {
        return suspects().stream().map(suspect -> suspect.file().toString()).toList();
    }

    @Test
    void plantedWrongLabelsAreFoundTheSurestFirst() {
        for (int i = 0; i < 8; i++) {
            picture("bolt" + i, 0, 0.85, 0.1, 0.05);
            picture("nut" + i, 1, 0.1, 0.8, 0.1);
            picture("pin" + i, 2, 0.2, 0.1, 0.7);
        }
        picture("a nut among bolts", 0, 0.07, 0.9, 0.03);
        picture("a bolt among pins", 2, 0.97, 0.02, 0.01);
        List<Suspect> suspects = suspects();
        assertEquals(List.of("a bolt among pins", "a nut among bolts"), names());
        assertEquals("pin", suspects.getFirst().label());
        assertEquals("bolt", suspects.getFirst().looksLike());
        assertEquals(0.97, suspects.getFirst().probability(), 1e-6);
    }

    /** What looks like a nut has to do so as much as nuts do in the mean: 0.5 and 0.75 make 0.625. */
    @Test
    void theThresholdIsTheMeanConfidenceOfTheOtherLabel() {
        picture("nut0", 1, 0.25, 0.5, 0.25);
        picture("nut1", 1, 0.125, 0.75, 0.125);
        picture("bolt0", 0, 0.9, 0.05, 0.05);
        picture("pin0", 2, 0.05, 0.05, 0.9);
        picture("below", 0, 0.25, 0.6249, 0.1251);
        picture("just", 0, 0.25, 0.625, 0.125);
        assertEquals(List.of("just"), names());
    }

    /** A label that its own pictures are not sure of takes less: that is what a threshold for each is for. */
    @Test
    void eachLabelHasItsOwnThreshold() {
        picture("nut0", 1, 0.3, 0.4, 0.3);
        picture("nut1", 1, 0.2, 0.5, 0.3);
        picture("bolt0", 0, 0.98, 0.01, 0.01);
        picture("bolt1", 0, 0.98, 0.01, 0.01);
        picture("pin0", 2, 0.01, 0.01, 0.98);
        picture("like a nut", 2, 0.3, 0.5, 0.2);
        picture("like a bolt", 2, 0.7, 0.2, 0.1);
        assertEquals(List.of("like a nut"), names());
    }

    /** A label of which there is no picture has no threshold to be reached. */
    @Test
    void nothingLooksLikeALabelWithoutPictures() {
        picture("bolt0", 0, 0.9, 0.05, 0.05);
        picture("pin0", 2, 0.05, 0.05, 0.9);
        picture("odd", 0, 0.005, 0.99, 0.005);
        assertEquals(List.of(), names());
    }

    @Test
    void whereAllIsRightNothingIsSuspected() {
        picture("bolt0", 0, 0.6, 0.3, 0.1);
        picture("nut0", 1, 0.3, 0.6, 0.1);
        picture("pin0", 2, 0.1, 0.3, 0.6);
        assertEquals(List.of(), names());
    }
}

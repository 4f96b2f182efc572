package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceHashTest {
    /** Computed by NumPy from {@code convert("L").resize((9, 8), BILINEAR)} of Pillow. */
    @ParameterizedTest
    @CsvSource({
        "cat, e8e8e4ccd8185e5b",
        "bird, e765d1f020a112c0",
        "dragonfly, 6adc8d2421093919",
        "grace_hopper, 713272f0fb335454",
        "sunflower, d1f9cdcccccce870",
    })
    void equalsTheReference(String name, String hash) {
        Picture picture = PictureReader.read(Pictures.data("pictures/coral-images/" + name + ".bmp"), 1000);
        assertEquals(hash, String.format("%016x", DifferenceHash.of(picture)));
    }

    @Test
    void equalsTheReferenceOnAPictureMadeHere() {
        assertEquals("812c646658586262", String.format("%016x", DifferenceHash.of(Pictures.formula(97, 61))));
    }

    @Test
    void theSamePictureInAnotherSizeIsNear() {
        Picture large = PictureReader.read(Pictures.data("pictures/coral-images/cat_1080p.jpg"), 1080);
        Picture small = PictureReader.read(Pictures.data("pictures/coral-images/cat_720p.jpg"), 100);
        Picture other = PictureReader.read(Pictures.data("pictures/coral-images/bird.bmp"), 100);
        long hash = DifferenceHash.of(large);
        assertTrue(DifferenceHash.distance(hash, DifferenceHash.of(small)) <= 5);
        assertTrue(DifferenceHash.distance(hash, DifferenceHash.of(other)) > 15);
    }

    @Test
    void distanceCountsBits() {
        assertEquals(0, DifferenceHash.distance(42, 42));
        assertEquals(64, DifferenceHash.distance(0, -1));
        assertEquals(2, DifferenceHash.distance(0b1001, 0b1010));
    }
}

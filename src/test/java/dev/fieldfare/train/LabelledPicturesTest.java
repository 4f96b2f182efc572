package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledPicturesTest {
    @TempDir
    Path folder;

    private void files(String... names) throws IOException {
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, new byte[0]);
        }
    }

    private LabelledPicture picture(String name, int label, Side given) {
        return new LabelledPicture(folder.resolve(name), label, given);
    }

    private String refused() {
        return assertThrows(FieldfareException.class, () -> LabelledPictures.scan(folder))
                .getMessage();
    }

    @Test
    void aFolderForEachLabel() throws IOException {
        files("nut/b.jpg", "nut/a.PNG", "bolt/z.jpeg", "nut/notes.txt", "nut/deeper/c.jpg", "readme.jpg");
        LabelledPictures found = LabelledPictures.scan(folder);
        assertEquals(List.of("bolt", "nut"), found.labels());
        assertEquals(
                List.of(picture("bolt/z.jpeg", 0, null), picture("nut/a.PNG", 1, null), picture("nut/b.jpg", 1, null)),
                found.pictures());
        assertFalse(found.isSplit());
    }

    @Test
    void hiddenAndEmptyFoldersAreNoLabels() throws IOException {
        files("nut/a.jpg", "bolt/b.jpg", ".thumbnails/c.jpg", "__MACOSX/._a.jpg", "notes/text.txt");
        Files.createDirectories(folder.resolve("spring"));
        assertEquals(List.of("bolt", "nut"), LabelledPictures.scan(folder).labels());
    }

    /** Time is planned for these: what only measures the finished model is looked at once. */
    @Test
    void whatIsHeldBackDoesNotTrain() throws IOException {
        files("train/nut/a.jpg", "train/bolt/b.jpg", "val/nut/c.jpg", "test/bolt/d.jpg", "test/nut/e.jpg");
        assertEquals(3, LabelledPictures.scan(folder).development(SplitSettings.DEFAULT));
        Path whole = Files.createDirectories(folder.resolve("whole"));
        for (int i = 0; i < 5; i++) {
            files("whole/nut/" + i + ".jpg", "whole/bolt/" + i + ".jpg");
        }
        assertEquals(8, LabelledPictures.scan(whole).development(SplitSettings.DEFAULT));
    }

    @Test
    void aFolderThatComesSplitIsTakenAsItIs() throws IOException {
        files("train/nut/a.jpg", "train/bolt/b.jpg", "Val/nut/c.jpg", "test/bolt/d.jpg", ".git/x.jpg");
        LabelledPictures found = LabelledPictures.scan(folder);
        assertEquals(List.of("bolt", "nut"), found.labels());
        assertEquals(
                List.of(
                        picture("test/bolt/d.jpg", 0, Side.TEST),
                        picture("train/bolt/b.jpg", 0, Side.TRAIN),
                        picture("Val/nut/c.jpg", 1, Side.VALIDATION),
                        picture("train/nut/a.jpg", 1, Side.TRAIN)),
                found.pictures());
        assertTrue(found.isSplit());
    }

    /** What archive programs and tools leave beside the parts has no pictures, and does not make them labels. */
    @Test
    void emptyFoldersBesideTheSplitDoNotMatter() throws IOException {
        files("train/nut/a.jpg", "train/bolt/b.jpg", "val/nut/c.jpg", "__MACOSX/train/nut/._a.jpg", "labels/nut.txt");
        LabelledPictures found = LabelledPictures.scan(folder);
        assertEquals(List.of("bolt", "nut"), found.labels());
        assertTrue(found.isSplit());
    }

    /** Trains and buses: a label may be called like a part of a split. */
    @Test
    void aLabelMayBeCalledTrain() throws IOException {
        files("train/a.jpg", "bus/b.jpg");
        LabelledPictures found = LabelledPictures.scan(folder);
        assertEquals(List.of("bus", "train"), found.labels());
        assertFalse(found.isSplit());
    }

    @Test
    void aMissingFolderIsNamed() {
        Path missing = folder.resolve("missing");
        var refused = assertThrows(FieldfareException.class, () -> LabelledPictures.scan(missing));
        assertEquals(
                "there is no folder " + missing + "; give a folder that holds one folder of pictures for each label",
                refused.getMessage());
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        files("a.jpg");
        Path file = folder.resolve("a.jpg");
        var refused = assertThrows(FieldfareException.class, () -> LabelledPictures.scan(file));
        assertTrue(refused.getMessage().startsWith(file + " is not a folder"), refused.getMessage());
    }

    @Test
    void oneLabelIsNotEnough() throws IOException {
        files("nut/a.jpg", "nut/b.jpg");
        assertEquals(
                folder + " has only 'nut'; a classifier needs at least two labels: make one folder for each, such as "
                        + folder.resolve("cat") + " and " + folder.resolve("no-cat") + ", and put its pictures into it",
                assertThrows(FieldfareException.class, LabelledPictures.scan(folder)::requireEnough)
                        .getMessage());
    }

    @Test
    void noLabelIsNotEnough() throws IOException {
        files("a.jpg", "b.jpg");
        assertTrue(refused().startsWith(folder + " has no folder with pictures; "), refused());
    }

    @Test
    void threePicturesAreNotEnough() throws IOException {
        files(
                "nut/a.jpg",
                "nut/b.jpg",
                "nut/c.jpg",
                "bolt/a.jpg",
                "bolt/b.jpg",
                "bolt/c.jpg",
                "bolt/d.jpg",
                "pin/a.jpg");
        LabelledPictures found = LabelledPictures.scan(folder);
        var refused = assertThrows(FieldfareException.class, found::requireEnough);
        assertEquals(
                folder + " has too few pictures of 'nut' (3), 'pin' (1); give at least 4 of each label, better 20: some"
                        + " train, some are held back to measure how good the model is",
                refused.getMessage());
    }

    @Test
    void fourAreEnough() throws IOException {
        for (String label : Arrays.asList("nut", "bolt")) {
            files(label + "/a.jpg", label + "/b.jpg", label + "/c.jpg", label + "/d.jpg");
        }
        LabelledPictures.scan(folder).requireEnough();
    }
}

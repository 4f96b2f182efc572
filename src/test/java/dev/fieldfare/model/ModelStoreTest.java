package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
    @TempDir
    Path folder;

    private final List<String> words = new ArrayList<>();

    private static void version(ModelStore store, String content) throws IOException {
        Path work = store.begin();
        Files.writeString(work.resolve(ModelStore.MODEL), content);
        String name = store.nextVersion();
        store.complete(name, "test");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void versionsComeAndAreCounted() throws IOException {
        try (ModelStore store = ModelStore.open(folder.resolve("a").resolve("b"))) {
            assertEquals(Optional.empty(), store.current());
            assertEquals(List.of(), store.versions());
            assertEquals("0001", store.nextVersion());
            version(store, "one");
            version(store, "two");
            assertEquals(List.of("0001", "0002"), store.versions());
            assertEquals("0003", store.nextVersion());
            assertEquals(Optional.empty(), store.current(), "nobody promoted one");
            assertEquals("two", Files.readString(store.version("0002").resolve(ModelStore.MODEL)));
        }
    }

    @Test
    void whereNothingCameOfItThePlaceIsAsItWas() throws IOException {
        Path made = folder.resolve("made");
        try (ModelStore store = ModelStore.open(made)) {
            Files.writeString(store.begin().resolve("features.f32"), "x");
        }
        assertFalse(Files.exists(made));
        Path mine = Files.writeString(folder.resolve("mine.txt"), "mine");
        ModelStore.open(folder).close();
        try (var inside = Files.list(folder)) {
            assertEquals(List.of(mine), inside.toList());
        }
    }

    @Test
    void overwritingTheModelInUseLeavesItsVersionAlone() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            version(store, "one");
            Path model = store.promote("0001");
            Files.writeString(model, "other");
            assertEquals("one", Files.readString(store.version("0001").resolve(ModelStore.MODEL)));
        }
    }

    @Test
    void versionsAreOrderedByNumber() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            for (String name : List.of("9999", "10000", "0002", "notes", "12")) {
                Files.createDirectories(store.version(name));
            }
            assertEquals(List.of("0002", "9999", "10000"), store.versions());
            assertEquals("10001", store.nextVersion());
        }
    }

    @Test
    void promotionReplacesAndLeavesNothingBehind() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            version(store, "one");
            version(store, "two");
            Path current = store.promote("0001");
            assertEquals(Optional.of(current), store.current());
            assertEquals("one", Files.readString(current));
            // What an interrupted promotion left does not stop the next one.
            Files.writeString(folder.resolve("model.onnx.part"), "half");
            store.promote("0002");
            assertEquals("two", Files.readString(current));
            assertEquals("one", Files.readString(store.version("0001").resolve(ModelStore.MODEL)));
        }
        assertEquals(
                List.of(
                        ".lock",
                        "model.onnx",
                        "versions/0001/manifest.json",
                        "versions/0001/model.onnx",
                        "versions/0002/manifest.json",
                        "versions/0002/model.onnx"),
                files());
    }

    @Test
    void aFailedPromotionLeavesTheModelInUse() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            version(store, "one");
            store.promote("0001");
            var failed = assertThrows(FieldfareException.class, () -> store.promote("0007"));
            assertTrue(
                    failed.getMessage().startsWith("cannot put version 0007 to use in " + folder), failed.getMessage());
            assertEquals("one", Files.readString(folder.resolve(ModelStore.MODEL)));
        }
    }

    @Test
    void whatAnInterruptedRunLeftIsCleared() throws IOException {
        Path left = folder.resolve("versions/.unfinished/deep");
        Files.createDirectories(left);
        Files.writeString(left.resolve("features.f32"), "old");
        try (ModelStore store = ModelStore.open(folder)) {
            assertFalse(Files.exists(store.unfinished()));
            Files.writeString(store.begin().resolve("features.f32"), "new");
        }
        assertEquals(List.of(), files());
    }

    @Test
    void onlyOneAtATime() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            Files.writeString(store.begin().resolve("precious"), "x");
            String before = locks();
            for (Path name : List.of(folder, folder.resolve("versions/.."))) {
                var taken = assertThrows(FieldfareException.class, () -> ModelStore.open(name));
                assertEquals(
                        "another retraining is writing to " + name
                                + "; wait until it is done, or give another folder with -o",
                        taken.getMessage());
            }
            assertTrue(Files.exists(store.unfinished().resolve("precious")), "the other's work is not touched");
            Assumptions.assumeFalse(before.isEmpty(), "this system does not tell its locks");
            assertEquals(before, locks(), "the refusal must not release the first one's lock");
        }
        ModelStore.open(folder).close();
    }

    /** The kernel's locks on the store's lock file. */
    private String locks() throws IOException {
        Path list = Path.of("/proc/locks");
        if (!Files.isReadable(list)) {
            return "";
        }
        String inode = ":" + Files.getAttribute(folder.resolve(".lock"), "unix:ino") + " ";
        return String.join(
                "\n",
                Files.readAllLines(list).stream()
                        .filter(line -> line.contains(inode))
                        .map(line -> line.substring(line.indexOf(' ')))
                        .toList());
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        var refused = assertThrows(FieldfareException.class, () -> ModelStore.open(file));
        assertTrue(refused.getMessage().startsWith("cannot use " + file + " for models: "), refused.getMessage());
        assertArrayEquals("x".getBytes(java.nio.charset.StandardCharsets.UTF_8), Files.readAllBytes(file));
    }

    private static void reported(ModelStore store, String content, boolean promoted) throws IOException {
        String name = store.nextVersion();
        Files.writeString(
                store.begin().resolve("report.json"),
                "{\"version\": \"" + name + "\", \"promoted\": " + promoted + ", \"data\": {\"images\": 7}}");
        Files.writeString(store.unfinished().resolve(ModelStore.MODEL), content);
        store.complete(name, "test");
        if (promoted) {
            store.promote(name);
        }
    }

    /** Versions that were never put to use are skipped, and so are those that were gone back from before. */
    @Test
    void goingBackSkipsWhatWasNeverInUse() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            assertThrows(FieldfareException.class, () -> store.rollBack(words::add));
            reported(store, "one", true);
            reported(store, "not better", false);
            reported(store, "three", true);
            reported(store, "three", false); // trained on the same again: the same bytes
            assertEquals(Optional.of("0003"), store.currentVersion());
            assertEquals(Optional.of("0001"), store.rollBack(words::add));
            assertEquals("one", Files.readString(store.current().orElseThrow()));
            assertEquals(Optional.of("0001"), store.currentVersion());
            reported(store, "five", true);
            assertEquals(Optional.of("0001"), store.rollBack(words::add), "nobody wants the third again");
            assertEquals(Optional.empty(), store.rollBack(words::add));
            assertEquals(Optional.empty(), store.current());
            assertEquals(5, store.versions().size(), "nothing is lost");
            String message = assertThrows(FieldfareException.class, () -> store.rollBack(words::add))
                    .getMessage();
            assertTrue(message.contains("has no model in use"), message);
        }
    }

    private void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    /** One bit that the card gives back wrongly: the version itself puts the model in use right again. */
    @Test
    void aDamagedModelInUseIsPutRightByItsVersion() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "one", true);
            reported(store, "two", true);
            reported(store, "not better", false);
        }
        damage(folder.resolve("model.onnx"));
        Versions.Usable usable = new Versions(folder).usable().orElseThrow();
        assertEquals(folder.resolve("versions/0002/model.onnx"), usable.file(), "before anything is put right");
        assertEquals("0002", usable.version());
        assertEquals(1, usable.damages().size());
        try (ModelStore store = ModelStore.open(folder)) {
            store.upkeep().repair(words::add);
            assertEquals("two", Files.readString(store.current().orElseThrow()));
            assertEquals(Optional.of("0002"), store.currentVersion());
        }
        assertTrue(Files.exists(folder.resolve("model.onnx.damaged")), "nothing is thrown away");
        assertEquals(3, words.size(), words.toString());
        assertTrue(words.getFirst().contains("is none of the versions"), words.toString());
        assertEquals("version 0002 in " + folder + " is in use again", words.getLast());
    }

    /** Both copies are damaged: the version is set aside by name, and the one before it is used. */
    @Test
    void aDamagedVersionIsSetAsideAndTheOneBeforeUsed() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "one", true);
            reported(store, "two", true);
            damage(folder.resolve("model.onnx"));
            damage(store.version("0002").resolve("model.onnx"));
            assertEquals("0001", new Versions(folder).usable().orElseThrow().version());
            FieldfareException refused = assertThrows(FieldfareException.class, () -> store.promote("0002"));
            assertTrue(refused.getMessage().contains("model.onnx is not what was written"), refused.getMessage());
            store.upkeep().repair(words::add);
            assertEquals("one", Files.readString(store.current().orElseThrow()));
            assertEquals(List.of("0001"), store.versions());
            assertEquals(List.of("0002.damaged"), new Versions(folder).setAside());
            assertEquals("0003", store.nextVersion(), "no name is given twice");
            assertTrue(words.toString().contains("was set aside as 0002.damaged"), words.toString());
        }
    }

    @Test
    void goingBackPassesOverDamagedVersions() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "one", true);
            reported(store, "two", true);
            reported(store, "three", true);
            Files.delete(store.version("0002").resolve("report.json"));
            assertEquals(Optional.of("0001"), store.rollBack(words::add));
            assertEquals(1, words.size(), words.toString());
            assertTrue(words.getFirst().endsWith("set aside as 0002.damaged: report.json is missing"));
        }
    }

    @Test
    void whereNothingIsWholeNothingIsUsed() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "one", true);
            damage(folder.resolve("model.onnx"));
            damage(store.version("0001").resolve("manifest.json"));
            store.upkeep().repair(words::add);
            assertEquals(Optional.empty(), store.current());
        }
        assertEquals(Optional.empty(), new Versions(folder).usable());
    }

    /** A model without versions is somebody's own; no hash says what it should be. */
    @Test
    void aModelThatWasPutThereByHandIsUsed() throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "mine");
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "not better", false);
            store.upkeep().repair(words::add);
            assertEquals("mine", Files.readString(store.current().orElseThrow()));
        }
        assertEquals("model.onnx", new Versions(folder).usable().orElseThrow().version());
        assertEquals(List.of(), words);
    }

    @Test
    void anyVersionCanBeChosen() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            reported(store, "one", true);
            reported(store, "not better", false);
            reported(store, "three", true);
            store.choose("0002");
            assertEquals(Optional.of("0002"), store.currentVersion());
            damage(folder.resolve("model.onnx"));
            store.upkeep().repair(words::add);
            assertEquals(Optional.of("0002"), store.currentVersion(), "what was chosen is what was in use");
            assertEquals(Optional.of("0001"), store.rollBack(words::add));
            store.choose("0003");
            assertEquals(Optional.of("0001"), store.rollBack(words::add), "0002 was gone back from");
            assertThrows(FieldfareException.class, () -> store.choose("0009"));
            assertEquals("one", Files.readString(store.current().orElseThrow()));
        }
    }

    /** The last N are kept, with the one in use and the one before it. */
    @Test
    void oldVersionsAreRemoved() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            for (int i = 1; i <= 8; i++) {
                reported(store, "model " + i, i == 2 || i == 3);
            }
            damage(store.version("0001").resolve("model.onnx"));
            store.upkeep().setAsideDamaged(words::add);
            assertEquals(List.of(), store.upkeep().prune(0));
            assertEquals(List.of("0004", "0005", "0006"), store.upkeep().prune(2));
            assertEquals(List.of("0002", "0003", "0007", "0008"), store.versions());
            assertEquals(List.of(), new Versions(folder).setAside(), "older than all that is kept");
            assertEquals("0009", store.nextVersion());
            assertEquals(Optional.of("0002"), store.rollBack(words::add));
            assertEquals(List.of("0003", "0007"), store.upkeep().prune(1));
        }
    }

    /** What a training goes on from outlives the run, until a version is complete. */
    @Test
    void whatATrainingGoesOnFromIsKeptUntilItIsDone() throws IOException {
        Path kept = folder.resolve("versions/.training/state");
        try (ModelStore store = ModelStore.open(folder)) {
            Files.createDirectories(store.training());
            Files.writeString(kept, "half way");
        }
        try (ModelStore store = ModelStore.open(folder)) {
            assertTrue(Files.exists(kept));
            version(store, "one");
            assertFalse(Files.exists(store.training()));
        }
    }
}

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
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
    @TempDir
    Path folder;

    private static void version(ModelStore store, String content) throws IOException {
        Path work = store.begin();
        Files.writeString(work.resolve(ModelStore.MODEL), content);
        String name = store.nextVersion();
        store.complete(name);
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
        assertEquals(List.of(".lock", "model.onnx", "versions/0001/model.onnx", "versions/0002/model.onnx"), files());
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
        store.complete(name);
        if (promoted) {
            store.promote(name);
        }
    }

    /** Versions that were never put to use are skipped, and so are those that were gone back from before. */
    @Test
    void goingBackSkipsWhatWasNeverInUse() throws IOException {
        try (ModelStore store = ModelStore.open(folder)) {
            assertThrows(FieldfareException.class, store::rollBack);
            reported(store, "one", true);
            reported(store, "not better", false);
            reported(store, "three", true);
            reported(store, "three", false); // trained on the same again: the same bytes
            assertEquals(Optional.of("0003"), store.currentVersion());
            assertEquals(Optional.of("0001"), store.rollBack());
            assertEquals("one", Files.readString(store.current().orElseThrow()));
            assertEquals(Optional.of("0001"), store.currentVersion());
            reported(store, "five", true);
            assertEquals(Optional.of("0001"), store.rollBack(), "nobody wants the third again");
            assertEquals(Optional.empty(), store.rollBack());
            assertEquals(Optional.empty(), store.current());
            assertEquals(5, store.versions().size(), "nothing is lost");
            String message =
                    assertThrows(FieldfareException.class, store::rollBack).getMessage();
            assertTrue(message.contains("has no model in use"), message);
        }
    }
}

package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.disk.Operation;
import dev.fieldfare.disk.PowerCuts;
import dev.fieldfare.disk.RecordingFiles;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions on a disk whose power fails after any operation, with what is not synced lost, torn or out of order. */
class StorePowerCutTest {
    private Path disk;
    private RecordingFiles files;

    /** After so many operations, this content and no other was promised to be in use; null for none. */
    private final TreeMap<Integer, String> promised = new TreeMap<>();

    /** After so many operations, so many versions were promised to be there. */
    private final TreeMap<Integer, List<String>> versions = new TreeMap<>();

    /** What the work puts to use, one after the other. */
    private static final List<String> IN_USE = List.of("0001", "0001", "0003", "0004", "0004", "0003", "0004");

    @BeforeEach
    void format() throws IOException {
        disk = PowerCuts.folder();
        files = new RecordingFiles(disk);
    }

    @AfterEach
    void throwAway() throws IOException {
        PowerCuts.delete(disk);
    }

    private static void write(Path file, String text) {
        WholeFile.write(file, channel -> {
            // In two pieces, as large files are written.
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            channel.write(ByteBuffer.wrap(bytes, 0, bytes.length / 2));
            channel.write(ByteBuffer.wrap(bytes, bytes.length / 2, bytes.length - bytes.length / 2));
        });
    }

    private static String content(String version) {
        return "the weights of " + version + " ".repeat(40) + version;
    }

    private void promise(ModelStore store, String inUse) {
        promised.put(files.log().size(), inUse);
        versions.put(files.log().size(), store.versions());
    }

    private void retrain(ModelStore store, boolean better) {
        String version = store.nextVersion();
        write(store.training().resolve("now"), "half way");
        String report = "{\"version\": \"" + version + "\", \"promoted\": " + better + "}";
        write(store.begin().resolve(ModelStore.MODEL), content(version));
        write(store.unfinished().resolve("report.json"), report);
        store.complete(version, "test");
        if (better) {
            store.promote(version);
        }
        promise(store, better ? content(version) : promised.lastEntry().getValue());
        write(store.folder().resolve("report.json"), report);
    }

    /** Three trainings, of which the second is not better; back; a choice; old ones go. */
    private void work(Path folder) {
        try (ModelStore store = ModelStore.open(folder)) {
            retrain(store, true);
        }
        try (ModelStore store = ModelStore.open(folder)) {
            retrain(store, false);
            retrain(store, true);
            retrain(store, true);
            // From here on only what stays in the end is promised.
            versions.put(files.log().size(), List.of("0003", "0004"));
            store.upkeep().prune(1);
            promise(store, content("0004"));
            store.rollBack(sentence -> fail(sentence));
            promise(store, content("0003"));
            store.choose("0004");
            promise(store, content("0004"));
        }
    }

    /** The program starts again: there is a good model, it is the old one or the new one, and no version is lost. */
    private void check(Path folder, int operations) throws IOException {
        List<String> words = new ArrayList<>();
        Optional<Versions.Usable> before = new Versions(folder).usable();
        try (ModelStore store = ModelStore.open(folder)) {
            store.upkeep().repair(words::add);
            Integer last = promised.floorKey(operations);
            int count = promised.headMap(operations, true).size();
            String next = count < IN_USE.size() ? content(IN_USE.get(count)) : "";
            if (last != null) {
                String inUse = Files.readString(store.current().orElseThrow());
                assertTrue(inUse.equals(promised.get(last)) || inUse.equals(next), inUse + "; " + words);
                assertEquals(inUse, Files.readString(before.orElseThrow().file()), "before anything was repaired");
            }
            for (String version : store.versions()) {
                assertEquals(Optional.empty(), new Versions(folder).damage(version));
                assertEquals(
                        content(version),
                        Files.readString(store.version(version).resolve(ModelStore.MODEL)));
            }
            assertEquals(List.of(), new Versions(folder).setAside(), words.toString());
            Integer lastVersions = versions.floorKey(operations);
            if (lastVersions != null) {
                List<String> missing = new ArrayList<>(versions.get(lastVersions));
                missing.removeAll(store.versions());
                assertEquals(List.of(), missing, "of " + versions.get(lastVersions));
            }
            assertFalse(Files.exists(store.unfinished()));
            // It works on.
            String version = store.nextVersion();
            write(store.begin().resolve(ModelStore.MODEL), content(version));
            store.complete(version, "test");
            store.promote(version);
            assertEquals(Optional.of(version), store.currentVersion());
        }
    }

    @Test
    void thereIsAlwaysAGoodModel() throws Exception {
        work(files.root().resolve("models"));
        assertEquals(IN_USE.size(), promised.size());
        int states = PowerCuts.everywhere(
                files.log(), "store", (folder, operations) -> check(folder.resolve("models"), operations));
        assertTrue(states > 1000, states + " states");
    }

    /** From any operation on the disk is full, or can only be read: a clear error, and the model in use stays. */
    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Read-only file system"})
    void whenTheDiskIsFull(String reason) throws Exception {
        work(files.root().resolve("models"));
        int all = files.log().size();
        for (int operations = 0; operations < all; operations++) {
            throwAway();
            format();
            promised.clear();
            versions.clear();
            files.refuseFrom(operations, reason);
            try {
                work(files.root().resolve("models"));
                assertEquals(all, files.log().size());
                assertTrue(
                        files.log().stream()
                                .skip(operations)
                                .allMatch(operation ->
                                        operation instanceof Operation.Delete || operation instanceof Operation.Sync),
                        "it wrote where nothing can be written");
            } catch (FieldfareException e) {
                assertTrue(e.getMessage().contains(reason), e.getMessage());
            }
            Path folder = disk.resolve("models");
            if (!promised.isEmpty()) {
                String inUse = Files.readString(
                        new Versions(folder).usable().orElseThrow().file());
                assertTrue(inUse.startsWith("the weights of "), inUse);
            }
            // Somebody makes room.
            check(folder, files.log().size());
        }
    }
}

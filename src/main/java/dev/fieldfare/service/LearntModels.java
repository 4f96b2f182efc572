package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Promotion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What a device has learnt, in its data folder.
 *
 * @param threads that work on one picture
 * @param log takes a sentence when something cannot be used
 */
record LearntModels(DeviceFolder folder, int threads, InstantSource clock, Consumer<String> log) {
    /** What a classifier has learnt, where that can be used; else what it began with. */
    Loaded load(String name, ClassifierSettings settings) {
        Path learnt = folder.models(name).resolve(ModelStore.MODEL);
        if (Files.isRegularFile(learnt)) {
            try {
                String version = ModelStore.currentVersion(folder.models(name)).orElse(ModelStore.MODEL);
                return open(learnt, version, settings);
            } catch (FieldfareException e) {
                log.accept(
                        name + ": what was learnt cannot be used, so the model of the beginning is: " + e.getMessage());
            }
        }
        Path start = folder.start(name, settings);
        return open(start, String.valueOf(start.getFileName()), settings);
    }

    private Loaded open(Path model, String version, ClassifierSettings settings) {
        return Loaded.open(model, version, settings.average(), threads, clock);
    }

    /** How many pictures the last retraining knew: those that came after it are new, also after a restart. */
    int pictures(String name) {
        Path models = folder.models(name);
        return Files.isRegularFile(models.resolve("report.json"))
                ? Promotion.read(models).pictures()
                : 0;
    }

    /** @throws FieldfareException if there is nothing to go back to, or a retraining is writing there */
    void rollBack(String name) {
        try (ModelStore store = ModelStore.open(folder.models(name))) {
            store.rollBack();
        }
    }
}

package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Promotion;
import dev.fieldfare.model.Versions;
import dev.fieldfare.train.Retraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        Path models = folder.models(name);
        Versions versions = new Versions(models);
        List<String> damages = new ArrayList<>();
        try {
            Optional<Versions.Usable> usable = versions.usable(damages);
            if (usable.isPresent()) {
                return open(usable(name, usable.get(), versions), settings);
            }
            damages.forEach(sentence -> log.accept(name + ": " + sentence));
        } catch (FieldfareException e) {
            log.accept(name + ": what was learnt cannot be used, so the model of the beginning is: " + e.getMessage());
        }
        Path start = folder.start(name, settings);
        return open(start, String.valueOf(start.getFileName()), settings);
    }

    /** The model to use; where the one in use is damaged, it is set aside, as far as the folder can be written to. */
    private Versions.Usable usable(String name, Versions.Usable usable, Versions versions) {
        if (usable.file().equals(versions.model())) {
            return usable;
        }
        try (ModelStore store = ModelStore.open(versions.folder())) {
            store.upkeep().repair(sentence -> log.accept(name + ": " + sentence));
        } catch (FieldfareException e) {
            usable.damages().forEach(sentence -> log.accept(name + ": " + sentence));
            log.accept(name + ": version " + usable.version() + " is used, but nothing could be set right: "
                    + e.getMessage());
        }
        return versions.usable().orElse(usable);
    }

    private Loaded open(Versions.Usable usable, ClassifierSettings settings) {
        return open(usable.file(), usable.version(), settings);
    }

    private Loaded open(Path model, String version, ClassifierSettings settings) {
        return Loaded.open(model, version, settings.average(), threads, clock);
    }

    /** Whether a retraining was interrupted that should go on. */
    boolean isInterrupted(String name) {
        return Retraining.isInterrupted(folder.models(name));
    }

    /** How many pictures the last retraining knew: those that came after it are new, also after a restart. */
    int pictures(String name) {
        Path models = folder.models(name);
        try {
            return Files.isRegularFile(models.resolve("report.json"))
                    ? Promotion.read(models).pictures()
                    : 0;
        } catch (FieldfareException damaged) {
            log.accept(name + ": all pictures count as new: " + damaged.getMessage());
            return 0;
        }
    }

    /** @throws FieldfareException if there is nothing to go back to, or a retraining is writing there */
    void rollBack(String name) {
        try (ModelStore store = ModelStore.open(folder.models(name))) {
            store.rollBack(sentence -> log.accept(name + ": " + sentence));
        }
    }
}

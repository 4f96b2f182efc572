package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Versions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Folders where a model is asked for: of versions, or of one version. */
final class ModelFolder {
    private ModelFolder() {}

    /**
     * The model that is meant. Where it is a folder of versions, the one in use, or, where that is damaged, the newest
     * that is whole; where it is the folder of one version, that one.
     *
     * @throws FieldfareException if the folder has none, or it is damaged
     */
    static Path file(Path given, Console console) {
        if (!Files.isDirectory(given)) {
            return given;
        }
        Path folder = given.toAbsolutePath().normalize();
        Path above = folder.getParent();
        if (above != null && above.endsWith("versions")) {
            return version(given, new Versions(Objects.requireNonNull(above.getParent())));
        }
        List<String> damages = new ArrayList<>();
        Versions.Usable usable = new Versions(given)
                .usable(damages)
                .orElseThrow(() -> new FieldfareException(given + " is a folder with no model in use"
                        + (damages.isEmpty() ? "" : " (" + String.join("; ", damages) + ")")
                        + "; name an ONNX file, or a folder that 'retrain' or 'models import' made"));
        usable.damages().forEach(console::note);
        return usable.file();
    }

    private static Path version(Path folder, Versions versions) {
        String name = String.valueOf(folder.getFileName());
        versions.damage(name).ifPresent(damage -> {
            throw new FieldfareException("version " + name + " in " + versions.folder() + " is damaged: " + damage
                    + "; the versions are " + versions.names());
        });
        return folder.resolve(ModelStore.MODEL);
    }
}

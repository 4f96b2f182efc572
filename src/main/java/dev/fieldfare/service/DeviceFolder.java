package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Where a device finds and keeps things.
 *
 * <pre>
 * DATA/pictures/CLASSIFIER/LABEL/   what was taken for a label
 * DATA/unsure/CLASSIFIER/           what the model was unsure of
 * DATA/models/CLASSIFIER/           versions, see {@link dev.fieldfare.model.ModelStore}
 * DATA/control                      the socket by which commands reach the running device
 * </pre>
 *
 * @param config the configuration file
 * @param data the data folder
 * @param shipped the model that comes with Fieldfare
 */
public record DeviceFolder(Path config, Path data, Path shipped) {
    /** What paths in the file are relative to: its own folder. */
    public static DeviceFolder of(Path file, DeviceConfig config, Path shipped) {
        return new DeviceFolder(file, beside(file, config.data()), shipped);
    }

    private static Path beside(Path file, String path) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent())
                .resolve(path)
                .normalize();
    }

    /**
     * The model that a classifier begins with.
     *
     * @throws FieldfareException if there is no such file
     */
    Path start(String classifier, ClassifierSettings settings) {
        Path model = startFile(settings);
        if (!Files.isRegularFile(model)) {
            String key = "classifiers." + classifier + ".model";
            throw new FieldfareException(StrictYaml.place(config, key) + ": " + key + ": there is no file " + model
                    + "; give the path of an ONNX file, relative to " + config + ", or shipped");
        }
        return model;
    }

    /** The same, whether it is there or not. */
    Path startFile(ClassifierSettings settings) {
        return settings.model().equals("shipped") ? shipped : beside(config, settings.model());
    }

    Path models(String classifier) {
        return data.resolve("models").resolve(classifier);
    }

    Album album(String classifier) {
        return new Album(data, classifier);
    }

    /**
     * The labels that a classifier can be taught: those in its settings, those that it has pictures of, and others.
     *
     * @param others of which those that can be no folder are left out
     */
    public List<String> labels(String classifier, ClassifierSettings settings, List<String> others) {
        Set<String> labels = new LinkedHashSet<>(settings.labels());
        labels.addAll(album(classifier).labels());
        others.stream().filter(Order::isFolderName).forEach(labels::add);
        return List.copyOf(labels);
    }

    /** The folder that paths in the configuration are relative to. */
    public Path base() {
        return beside(config, ".");
    }

    /** The socket by which commands reach the running device. */
    Path control() {
        return data.resolve("control");
    }
}

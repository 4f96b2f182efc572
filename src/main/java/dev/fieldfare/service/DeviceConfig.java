package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * All that a device is told, from one file.
 *
 * @param name of the device, for brokers and the log: small letters, digits and hyphens
 * @param data the folder that it keeps pictures and models in, relative to the configuration file
 * @param threads that work on one picture; 0 for as many as there are processors, at most 4
 * @param cameras by their names
 * @param classifiers by their names; there may be several on one camera
 */
public record DeviceConfig(
        String name,
        String data,
        int threads,
        Map<String, CameraSettings> cameras,
        Map<String, ClassifierSettings> classifiers) {
    /** Names become folders and topics. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    private static final String NAME_EXPECTED = "1 to 40 small letters, digits and hyphens";

    private static final DeviceConfig DEFAULT = new DeviceConfig("fieldfare", "data", 0, Map.of(), Map.of());

    /** What the entries of lists and maps leave out. */
    private static final Map<String, Object> ENTRIES =
            Map.of("cameras", CameraSettings.of("pi"), "classifiers", ClassifierSettings.DEFAULT);

    public DeviceConfig {
        Checks.require(NAME.matcher(name).matches(), "name", NAME_EXPECTED, "'" + name + "'");
        Checks.requireRange("threads", threads, 0, 64);
        // In the order of the file.
        cameras = Collections.unmodifiableMap(new LinkedHashMap<>(cameras));
        classifiers = Collections.unmodifiableMap(new LinkedHashMap<>(classifiers));
        for (String key : cameras.keySet()) {
            Checks.require(
                    NAME.matcher(key).matches(), "cameras: the name of a camera", NAME_EXPECTED, "'" + key + "'");
        }
        for (String key : classifiers.keySet()) {
            Checks.require(
                    NAME.matcher(key).matches(),
                    "classifiers: the name of a classifier",
                    NAME_EXPECTED,
                    "'" + key + "'");
        }
    }

    /**
     * Reads a configuration and checks all that can be checked without opening anything.
     *
     * @throws FieldfareException naming the file, the line, the key, what was found and what is allowed
     */
    public static DeviceConfig read(Path file) {
        DeviceConfig config = StrictYaml.read(file, DEFAULT, ENTRIES);
        try {
            return config.checked();
        } catch (FieldfareException e) {
            throw new FieldfareException(file + ": " + e.getMessage(), e);
        }
    }

    /** With every reference to a camera filled in. */
    private DeviceConfig checked() {
        if (cameras.isEmpty()) {
            throw new FieldfareException("there is no camera; write one, such as\n  cameras:\n    front: {source: pi}");
        }
        if (classifiers.isEmpty()) {
            throw new FieldfareException(
                    "there is no classifier; write one, such as\n  classifiers:\n    parts: {model: shipped}");
        }
        Map<String, ClassifierSettings> resolved = new LinkedHashMap<>();
        classifiers.forEach((key, settings) -> resolved.put(key, settings.withCamera(camera(key, settings.camera()))));
        return new DeviceConfig(name, data, threads, cameras, resolved);
    }

    private String camera(String classifier, String camera) {
        if (camera.isEmpty() && cameras.size() == 1) {
            return cameras.keySet().iterator().next();
        }
        if (!cameras.containsKey(camera)) {
            throw new FieldfareException("classifiers." + classifier + ".camera "
                    + (camera.isEmpty()
                            ? "must be given where there are several cameras"
                            : "is '" + camera + "', which" + " is no camera")
                    + "; the cameras are " + String.join(", ", cameras.keySet()));
        }
        return camera;
    }

    /**
     * The classifier that is meant.
     *
     * @param given its name, or empty for the only one
     * @throws FieldfareException if there is none of this name, or several and none was named
     */
    public String classifier(String given) {
        if (given.isEmpty() && classifiers.size() == 1) {
            return classifiers.keySet().iterator().next();
        }
        if (!classifiers.containsKey(given)) {
            throw new FieldfareException(
                    (given.isEmpty() ? "which classifier is meant?" : "there is no classifier '" + given + "';")
                            + " There are " + String.join(", ", classifiers.keySet()));
        }
        return given;
    }

    int effectiveThreads() {
        return threads > 0 ? threads : Math.min(4, Runtime.getRuntime().availableProcessors());
    }
}

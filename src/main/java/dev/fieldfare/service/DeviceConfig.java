package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.gpio.Pin;
import dev.fieldfare.model.Spelling;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * All that a device is told, from one file.
 *
 * @param name of the device, for brokers and the log: small letters, digits and hyphens
 * @param data the folder that it keeps pictures and models in, relative to the configuration file
 * @param threads that work on one picture; 0 for as many as there are processors, at most 4
 * @param cameras by their names
 * @param classifiers by their names; there may be several on one camera
 * @param pins the header that buttons and lights are at
 * @param lights what follows decisions, at pins
 * @param buttons what gives orders, at pins
 * @param statusLight a pin whose light is on while all is well; empty for none
 * @param webhooks addresses that are told of events
 * @param commands programs that are run on events
 * @param mqtt the broker, for Home Assistant and others
 */
public record DeviceConfig(
        String name,
        String data,
        int threads,
        Map<String, CameraSettings> cameras,
        Map<String, ClassifierSettings> classifiers,
        Pins pins,
        List<LightSettings> lights,
        List<ButtonEntry> buttons,
        String statusLight,
        List<WebhookSettings> webhooks,
        List<CommandSettings> commands,
        MqttSettings mqtt) {
    /** Where pins are. */
    public enum Pins {
        /** On this board. */
        BOARD,
        /** Nowhere: what a light does is logged, and buttons are never pressed. For a laptop. */
        SIMULATED
    }

    /** Names become folders and topics. */
    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    private static final String NAME_EXPECTED = "1 to 40 small letters, digits and hyphens";

    static final DeviceConfig DEFAULT = new DeviceConfig(
            "fieldfare",
            "data",
            0,
            Map.of(),
            Map.of(),
            Pins.BOARD,
            List.of(),
            List.of(),
            "",
            List.of(),
            List.of(),
            MqttSettings.DEFAULT);

    /** What the entries of lists and maps leave out. */
    static final Map<String, Object> ENTRIES = Map.of(
            "cameras",
            CameraSettings.of("pi"),
            "classifiers",
            ClassifierSettings.DEFAULT,
            "lights",
            LightSettings.DEFAULT,
            "buttons",
            ButtonEntry.DEFAULT,
            "webhooks",
            WebhookSettings.DEFAULT,
            "commands",
            CommandSettings.DEFAULT);

    public DeviceConfig {
        Checks.require(NAME.matcher(name).matches(), "name", NAME_EXPECTED, "'" + name + "'");
        Checks.requireRange("threads", threads, 0, 64);
        lights = List.copyOf(lights);
        buttons = List.copyOf(buttons);
        webhooks = List.copyOf(webhooks);
        commands = List.copyOf(commands);
        // In the order of the file.
        cameras = Collections.unmodifiableMap(new LinkedHashMap<>(cameras));
        classifiers = Collections.unmodifiableMap(new LinkedHashMap<>(classifiers));
        cameras.keySet().forEach(key -> requireName("cameras", key));
        classifiers.keySet().forEach(key -> requireName("classifiers", key));
    }

    private static void requireName(String map, String key) {
        Checks.require(NAME.matcher(key).matches(), map + "." + key + ": this name", NAME_EXPECTED, "'" + key + "'");
    }

    /**
     * Reads a configuration and checks all that can be checked without opening anything.
     *
     * @throws FieldfareException naming the file, the line, the key, what was found and what is allowed
     */
    public static DeviceConfig read(Path file) {
        return StrictYaml.read(file, DEFAULT, ENTRIES, DeviceConfig::checked);
    }

    /** With every reference to a camera filled in; messages begin with the key. */
    private DeviceConfig checked() {
        if (cameras.isEmpty()) {
            throw new FieldfareException(
                    "cameras: there is no camera; write one, such as\n  cameras:\n    front: {source: pi}");
        }
        if (classifiers.isEmpty()) {
            throw new FieldfareException("classifiers: there is no classifier; write one, such as\n"
                    + "  classifiers:\n"
                    + "    parts: {model: shipped}");
        }
        Map<String, ClassifierSettings> resolved = new LinkedHashMap<>();
        classifiers.forEach((key, settings) -> resolved.put(key, settings.withCamera(camera(key, settings.camera()))));
        Map<Pin, String> pinUses = new HashMap<>();
        for (int i = 0; i < lights.size(); i++) {
            requirePin("lights." + i + ".pin", lights.get(i).pin(), pinUses);
            requireClassifier("lights." + i, lights.get(i).when());
        }
        for (int i = 0; i < buttons.size(); i++) {
            ButtonEntry button = buttons.get(i);
            requirePin("buttons." + i + ".pin", button.pin(), pinUses);
            requireOrder("buttons." + i + ".press", button.press());
            if (!button.hold().isEmpty()) {
                requireOrder("buttons." + i + ".hold", button.hold());
            }
        }
        if (!statusLight.isEmpty()) {
            requirePin("statusLight", statusLight, pinUses);
        }
        for (int i = 0; i < webhooks.size(); i++) {
            webhooks.get(i).requireComplete("webhooks." + i);
            requireClassifier("webhooks." + i, webhooks.get(i).when());
        }
        for (int i = 0; i < commands.size(); i++) {
            commands.get(i).requireComplete("commands." + i);
            requireClassifier("commands." + i, commands.get(i).when());
        }
        return withClassifiers(resolved);
    }

    private static void requirePin(String key, String name, Map<Pin, String> uses) {
        Checks.require(!name.isEmpty(), key, "given, such as GPIO17", "missing");
        Pin pin;
        try {
            pin = Pin.of(name);
        } catch (FieldfareException e) {
            throw new FieldfareException(key + ": " + e.getMessage(), e);
        }
        String other = uses.putIfAbsent(pin, key);
        if (other != null) {
            throw new FieldfareException(
                    key + ": " + pin + " is used twice, also by " + other + "; give one of them another pin");
        }
    }

    private void requireClassifier(String key, When when) {
        requireKnown(key + ".when.classifier", when.classifier().isEmpty(), when.classifier(), classifiers.keySet());
    }

    private static void requireKnown(String key, boolean known, String given, Set<String> names) {
        if (!known && !names.contains(given)) {
            throw new FieldfareException(key + ": there is no '" + given + "'" + Spelling.hint(given, names)
                    + " There are: " + String.join(", ", names));
        }
    }

    private void requireOrder(String key, String order) {
        Checks.require(!order.isEmpty(), key, "given, such as label nut, or retrain", "missing");
        try {
            switch (Order.parse(order)) {
                case Order.Label label -> classifier(label.classifier());
                case Order.Retrain retrain -> classifier(retrain.classifier());
                case Order.RollBack rollBack -> classifier(rollBack.classifier());
                case Order.Pause _, Order.Toggle _ -> {}
            }
        } catch (FieldfareException e) {
            throw new FieldfareException(key + ": " + e.getMessage(), e);
        }
    }

    DeviceConfig withClassifiers(Map<String, ClassifierSettings> others) {
        return new DeviceConfig(
                name, data, threads, cameras, others, pins, lights, buttons, statusLight, webhooks, commands, mqtt);
    }

    /** Whether it has anything at pins. */
    public boolean usesPins() {
        return !lights.isEmpty() || !buttons.isEmpty() || !statusLight.isEmpty();
    }

    private String camera(String classifier, String camera) {
        String key = "classifiers." + classifier + ".camera";
        if (camera.isEmpty() && cameras.size() == 1) {
            return cameras.keySet().iterator().next();
        }
        Checks.require(
                !camera.isEmpty(), key, "one of " + String.join(", ", cameras.keySet()), "missing: there are several");
        requireKnown(key, false, camera, cameras.keySet());
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
            throw new FieldfareException((given.isEmpty()
                            ? "which classifier is meant?"
                            : "there is no classifier '" + given + "'" + Spelling.hint(given, classifiers.keySet()))
                    + " There are: " + String.join(", ", classifiers.keySet()));
        }
        return given;
    }

    int effectiveThreads() {
        return threads > 0 ? threads : Math.min(4, Runtime.getRuntime().availableProcessors());
    }
}

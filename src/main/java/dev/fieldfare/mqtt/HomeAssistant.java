package dev.fieldfare.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * What Home Assistant reads to make a device of the topics: one document for each thing to be seen or pressed. Source: the
 * pages "MQTT" and "MQTT Sensor", "Button", "Image" and so on of home-assistant.io.
 */
final class HomeAssistant {
    /** A page full of buttons; who knows a thousand labels types them. */
    static final int MOST_BUTTONS = 24;

    private final String prefix;
    private final MqttDevice device;
    private final Topics topics;
    private final boolean pictures;
    private final Map<String, byte[]> documents = new LinkedHashMap<>();

    private HomeAssistant(String prefix, MqttDevice device, boolean pictures) {
        this.prefix = prefix;
        this.device = device;
        this.topics = new Topics(device.name());
        this.pictures = pictures;
    }

    /** The documents by their topics. The same device has the same ones, always. */
    static Map<String, byte[]> documents(String prefix, MqttDevice device, boolean pictures) {
        HomeAssistant all = new HomeAssistant(prefix, device, pictures);
        all.device();
        device.cameras().forEach(all::camera);
        device.classifiers().forEach(all::classifier);
        return all.documents;
    }

    /** What all documents of this device are found by. */
    static String every(String prefix, String device) {
        return prefix + "/+/" + node(device) + "/+/config";
    }

    /** Where Home Assistant says that it was started. */
    static String birth(String prefix) {
        return prefix + "/status";
    }

    private static String node(String device) {
        return "fieldfare-" + device;
    }

    private void device() {
        Map<String, Object> looking = named("Looking", "mdi:eye");
        looking.put("state_topic", topics.looking());
        looking.put("command_topic", topics.command());
        looking.put("payload_on", "resume");
        looking.put("payload_off", "pause");
        looking.put("state_on", "ON");
        looking.put("state_off", "OFF");
        add("switch", "looking", looking);
    }

    private void camera(String camera) {
        Map<String, Object> problem = named("Camera " + camera, "mdi:camera");
        problem.put("device_class", "problem");
        problem.put("entity_category", "diagnostic");
        problem.put("state_topic", topics.camera(camera));
        problem.put("value_template", "{{ value_json.problem }}");
        problem.put("json_attributes_topic", topics.camera(camera));
        add("binary_sensor", "camera-" + camera, problem);
    }

    private void classifier(String classifier, List<String> labels) {
        Map<String, Object> label = named(classifier, "mdi:shape");
        label.put("state_topic", topics.label(classifier));
        add("sensor", classifier + "-label", label);

        Map<String, Object> confidence = named(classifier + " confidence", "mdi:percent");
        confidence.put("state_topic", topics.confidence(classifier));
        confidence.put("value_template", "{{ (value | float * 100) | round(1) }}");
        confidence.put("unit_of_measurement", "%");
        confidence.put("state_class", "measurement");
        add("sensor", classifier + "-confidence", confidence);

        if (pictures) {
            Map<String, Object> picture = named(classifier + " picture", "mdi:image");
            picture.put("image_topic", topics.picture(classifier));
            picture.put("content_type", "image/jpeg");
            add("image", classifier + "-picture", picture);
        }

        Map<String, Object> training = named(classifier + " training", "mdi:school");
        training.put("state_topic", topics.training(classifier));
        training.put("value_template", "{{ value_json.state }}");
        training.put("json_attributes_topic", topics.training(classifier));
        add("sensor", classifier + "-training", training);

        Map<String, Object> model = named(classifier + " model", "mdi:tag");
        model.put("entity_category", "diagnostic");
        model.put("state_topic", topics.model(classifier));
        add("sensor", classifier + "-model", model);

        button(classifier + "-retrain", classifier + " retrain", "mdi:school", classifier + ": retrain");
        button(classifier + "-rollback", classifier + " roll back", "mdi:undo", classifier + ": rollback");
        labels.stream().limit(MOST_BUTTONS).forEach(taught -> {
            String name = classifier + ": this is " + taught;
            button(classifier + "-is-" + identifier(taught), name, "mdi:label", classifier + ": label " + taught);
        });
        Map<String, Object> text = named(classifier + ": this is", "mdi:label-outline");
        text.put("command_topic", topics.command());
        text.put("command_template", classifier + ": label {{ value }}");
        text.put("min", 1);
        text.put("max", 100);
        add("text", classifier + "-is", text);
    }

    private void button(String object, String name, String icon, String order) {
        Map<String, Object> button = named(name, icon);
        button.put("command_topic", topics.command());
        button.put("payload_press", order);
        add("button", object, button);
    }

    private static Map<String, Object> named(String name, String icon) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("icon", icon);
        return document;
    }

    private void add(String component, String object, Map<String, Object> document) {
        String node = node(device.name());
        document.put("unique_id", node + "-" + object);
        document.put("availability_topic", topics.availability());
        document.put(
                "device",
                Map.of(
                        "identifiers", List.of(node),
                        "name", device.name(),
                        "manufacturer", "Fieldfare",
                        "model", "Fieldfare",
                        "sw_version", device.version()));
        document.put("origin", Map.of("name", "Fieldfare", "sw_version", device.version()));
        documents.put(prefix + "/" + component + "/" + node + "/" + object + "/config", Json.bytes(document));
    }

    /** A label as part of a topic: itself where it may be, else made of what may be and a sum of the whole. */
    private static String identifier(String label) {
        String plain = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        if (plain.equals(label)) {
            return plain;
        }
        CRC32 sum = new CRC32();
        sum.update(label.getBytes(StandardCharsets.UTF_8));
        return plain + "_" + Long.toHexString(sum.getValue());
    }
}

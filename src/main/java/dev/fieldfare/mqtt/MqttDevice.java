package dev.fieldfare.mqtt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What there is to tell a broker about.
 *
 * @param name of the device
 * @param version of Fieldfare
 * @param cameras their names
 * @param classifiers by name, with the labels that they can be taught by a button
 */
public record MqttDevice(String name, String version, List<String> cameras, Map<String, List<String>> classifiers) {
    public MqttDevice {
        cameras = List.copyOf(cameras);
        classifiers = Collections.unmodifiableMap(new LinkedHashMap<>(classifiers));
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MqttSettingsTest {
    private static MqttSettings at(String broker) {
        return new MqttSettings(broker, "", "", "", "", true, "homeassistant");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://broker, tcp://broker:1883",
        "tcp://192.168.0.2:1884, tcp://192.168.0.2:1884",
        "ssl://broker.local, ssl://broker.local:8883",
        "tcp://[::1], tcp://[::1]:1883"
    })
    void address(String given, String expected) {
        assertEquals(expected, at(given).address());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"broker", "http://broker", "tcp://", "tcp://broker/path", "tcp://a b", "tcp://me:pear@broker"})
    void notAnAddress(String broker) {
        FieldfareException failure = assertThrows(FieldfareException.class, () -> at(broker));
        assertTrue(failure.getMessage().startsWith("mqtt.broker must be tcp://HOST:PORT"), failure.getMessage());
        assertFalse(failure.getMessage().contains("pear"), failure.getMessage());
    }

    @Test
    void userAndPasswordGoTogether() {
        assertThrows(
                FieldfareException.class,
                () -> new MqttSettings("tcp://broker", "me", "", "", "", true, "homeassistant"));
        assertThrows(
                FieldfareException.class,
                () -> new MqttSettings("tcp://broker", "", "file", "", "", true, "homeassistant"));
        assertThrows(
                FieldfareException.class,
                () -> new MqttSettings("tcp://broker", "me", "file", "VARIABLE", "", true, "homeassistant"));
    }
}

package dev.fieldfare.mqtt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.service.Order;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HomeAssistantTest {
    /** Home Assistant takes no other topics for discovery. */
    private static final Pattern TOPIC = Pattern.compile("homeassistant/\\w+/[\\w-]+/[\\w-]+/config");

    private static final List<String> LABELS = List.of("nut", "Nut", "hex screw", "hex-screw", "Mäuse", "a: b", "鳥");

    private static MqttDevice device(List<String> labels) {
        return new MqttDevice("bench-2", "1.0", List.of("front", "back"), Map.of("parts", labels));
    }

    @Test
    void everyLabelHasAButtonOfItsOwnWhoseOrderIsUnderstood() throws Exception {
        Set<String> ids = new HashSet<>();
        Set<Order> orders = new HashSet<>();
        Map<String, byte[]> documents = HomeAssistant.documents("homeassistant", device(LABELS), true);
        for (Map.Entry<String, byte[]> entry : documents.entrySet()) {
            assertTrue(TOPIC.matcher(entry.getKey()).matches(), entry.getKey());
            JsonNode document = new ObjectMapper().readTree(entry.getValue());
            assertTrue(ids.add(document.get("unique_id").asText()), entry.getKey());
            assertEquals(
                    "fieldfare-bench-2",
                    document.get("device").get("identifiers").get(0).asText());
            if (document.has("payload_press")) {
                orders.add(Order.parse(document.get("payload_press").asText()));
            }
        }
        Set<Order> expected = new HashSet<>(Set.of(new Order.Retrain("parts"), new Order.RollBack("parts")));
        LABELS.forEach(label -> expected.add(new Order.Label("parts", label, 0)));
        assertEquals(expected, orders);
    }

    @Test
    void sameDeviceHasTheSameDocuments() {
        Map<String, byte[]> first = HomeAssistant.documents("homeassistant", device(LABELS), true);
        Map<String, byte[]> second = HomeAssistant.documents("homeassistant", device(LABELS), true);
        assertEquals(first.keySet(), second.keySet());
        first.forEach((topic, document) -> assertArrayEquals(document, second.get(topic)));
    }

    @Test
    void aThousandLabelsAreNotAThousandButtons() {
        List<String> many = IntStream.range(0, 1000).mapToObj(i -> "label" + i).toList();
        long buttons = HomeAssistant.documents("homeassistant", device(many), true).keySet().stream()
                .filter(topic -> topic.contains("/button/") && topic.contains("-is-"))
                .count();
        assertEquals(HomeAssistant.MOST_BUTTONS, buttons);
    }
}

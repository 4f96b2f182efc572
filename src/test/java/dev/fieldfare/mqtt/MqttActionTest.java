package dev.fieldfare.mqtt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.service.Event;
import dev.fieldfare.service.MqttSettings;
import dev.fieldfare.service.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real Mosquitto, seen by its own clients. */
@Timeout(60)
class MqttActionTest {
    private static final String TOPIC = "fieldfare/bench/";
    private static final MqttDevice DEVICE =
            new MqttDevice("bench", "1.0", List.of("front"), Map.of("parts", List.of("nut", "hex screw")));

    @TempDir
    Path folder;

    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private final List<String> log = new CopyOnWriteArrayList<>();

    @BeforeEach
    void needsMosquitto() {
        Mosquitto.program("mosquitto");
        Mosquitto.program("mosquitto_sub");
    }

    private MqttAction action(MqttSettings settings) {
        MqttAction action = new MqttAction(
                settings,
                DEVICE,
                folder,
                Map.of("MQTT_PASSWORD", "apfelbaum"),
                orders::add,
                new BrokerLink.BackOff(Duration.ofMillis(50), Duration.ofMillis(200)),
                InstantSource.system(),
                log::add);
        action.start();
        return action;
    }

    private static MqttSettings at(int port) {
        return at("tcp://127.0.0.1:" + port, "", "", "");
    }

    private static MqttSettings at(String broker, String user, String variable, String certificate) {
        return new MqttSettings(broker, user, "", variable, certificate, true, "homeassistant");
    }

    private static Event.Decided decided(String label) {
        Picture picture = new Picture(4, 2, new byte[24]);
        return new Event.Decided(Instant.EPOCH, "parts", label, "unknown", 0.875, Optional.of(picture));
    }

    private Order nextOrder() throws InterruptedException {
        Order order = orders.poll(10, TimeUnit.SECONDS);
        assertTrue(order != null, () -> "no order came; the log: " + log);
        return order;
    }

    private void awaitConnections(int count) throws InterruptedException {
        while (log.stream().filter(line -> line.endsWith(": connected")).count() < count) {
            Thread.sleep(10);
        }
    }

    @Test
    void stateIsToldAndTheBrokerHearsOfTheEnd() throws Exception {
        try (Mosquitto broker = Mosquitto.open(folder)) {
            Mosquitto.Heard heard = broker.subscribe(TOPIC + "#");
            MqttAction action = action(at(broker.port()));
            heard.await(TOPIC + "availability 0 online");
            heard.await(TOPIC + "classifier/parts/label 0 unknown");
            action.on(decided("nut"));
            heard.await(TOPIC + "classifier/parts/label 0 nut");
            heard.await(TOPIC + "classifier/parts/confidence 0 0.875");
            action.on(new Event.Training(Instant.EPOCH, "parts", Event.Training.Stage.RESTING, "hot"));
            heard.await(TOPIC + "classifier/parts/training 0 {\"state\":\"resting\",\"words\":\"hot\"}");
            action.on(new Event.CameraLost(Instant.EPOCH, "front", "unplugged"));
            heard.await(TOPIC + "camera/front 0 {\"problem\":\"ON\",\"reason\":\"unplugged\"}");
            action.on(new Event.Paused(Instant.EPOCH, true));
            heard.await(TOPIC + "looking 0 OFF");
            byte[] picture = broker.retained(TOPIC + "classifier/parts/picture");
            assertEquals(0xFFD8FF, (picture[0] & 0xFF) << 16 | (picture[1] & 0xFF) << 8 | picture[2] & 0xFF);
            // Who comes later learns the same.
            broker.subscribe(TOPIC + "#").await(TOPIC + "classifier/parts/label 1 nut");
            action.close();
            heard.await(TOPIC + "availability 0 offline");
        }
    }

    @Test
    void ordersComeInAndNonsenseIsAnswered() throws Exception {
        try (Mosquitto broker = Mosquitto.open(folder)) {
            // An order that was retained before the device came.
            broker.publish(TOPIC + "command", "rollback", true);
            Mosquitto.Heard heard = broker.subscribe(TOPIC + "#");
            MqttAction action = action(at(broker.port()));
            heard.await(TOPIC + "refused 0 {\"order\":\"rollback\",\"reason\":\"a retained order would be followed at"
                    + " every start; send it without --retain\"}");
            heard.await(TOPIC + "availability 0 online");
            broker.publish(TOPIC + "command", "parts: label hex screw", false);
            assertEquals(new Order.Label("parts", "hex screw", 0), nextOrder());
            for (String nonsense :
                    List.of("dance", "label ../../etc", "{\"label\": 1}", "\u0001", "label", ":", "x:")) {
                broker.publish(TOPIC + "command", nonsense, false);
            }
            broker.publish(TOPIC + "command", "label " + "x".repeat(300), false);
            // Larger than the device is ready to hear: the broker keeps it.
            Path large = Files.write(folder.resolve("large"), new byte[3_000_000]);
            broker.publish(TOPIC + "command", large);
            broker.publish(TOPIC + "command", "pause", false);
            assertEquals(new Order.Pause(true), nextOrder());
            assertTrue(orders.isEmpty());
            // The last refusal comes after all others; only then are they counted.
            action.on(new Event.Refused(Instant.EPOCH, "retrain", "is being retrained already"));
            heard.await(TOPIC + "refused 0 {\"order\":\"retrain\",\"reason\":\"is being retrained already\"}");
            long refusals = heard.lines().stream()
                    .filter(line -> line.startsWith(TOPIC + "refused"))
                    .count();
            assertEquals(10, refusals, () -> String.join("\n", heard.lines()));
            awaitConnections(1);
            assertEquals(1, log.size(), log::toString);
            action.close();
        }
    }

    @Test
    void brokerMayBeAwayAtFirstAndLaterAndLearnsAllWhenItIsBack() throws Exception {
        try (Mosquitto broker = Mosquitto.open(folder)) {
            broker.kill();
            MqttAction action = action(at(broker.port()));
            action.on(decided("nut"));
            while (log.isEmpty()) {
                Thread.sleep(10);
            }
            assertTrue(log.getFirst().contains("nothing answers there"), log.getFirst());
            broker.restart();
            broker.subscribe(TOPIC + "#").awaitLast(TOPIC + "classifier/parts/label", "nut");

            broker.kill();
            action.on(decided("washer"));
            broker.restart();
            Mosquitto.Heard heard = broker.subscribe("#");
            heard.awaitLast(TOPIC + "classifier/parts/label", "washer");
            heard.awaitLast(TOPIC + "availability", "online");
            assertTrue(heard.last("homeassistant/sensor/fieldfare-bench/parts-label/config")
                    .startsWith("{"));
            broker.publish(TOPIC + "command", "toggle", false);
            assertEquals(new Order.Toggle(), nextOrder());
            action.close();
        }
    }

    @Test
    void lastWillIsSpokenWhenTheWireIsCut() throws Exception {
        try (Mosquitto broker = Mosquitto.open(folder);
                Relay wire = new Relay(broker.port())) {
            Mosquitto.Heard heard = broker.subscribe(TOPIC + "availability");
            MqttAction action = action(at(wire.port()));
            heard.awaitLast(TOPIC + "availability", "online");
            awaitConnections(1);
            wire.cut();
            heard.await(TOPIC + "availability 0 offline");
            // And it comes back by itself.
            heard.awaitLast(TOPIC + "availability", "online");
            awaitConnections(2);
            action.close();
        }
    }

    @Test
    void wrongPasswordIsSaidOnceAndNeverShown() throws Exception {
        Path passwords = folder.resolve("passwords");
        run(Mosquitto.program("mosquitto_passwd"), "-b", "-c", passwords.toString(), "bench", "birnbaum");
        List<String> settings = List.of("allow_anonymous false", "password_file " + passwords);
        try (Mosquitto broker = new Mosquitto(folder, settings, List.of("-u", "bench", "-P", "birnbaum"))) {
            MqttAction wrong = action(at("tcp://127.0.0.1:" + broker.port(), "bench", "MQTT_PASSWORD", ""));
            while (log.isEmpty()) {
                Thread.sleep(10);
            }
            Thread.sleep(500); // some more attempts
            wrong.close();
            assertEquals(1, log.size(), log::toString);
            assertTrue(log.getFirst().contains("check mqtt.user"), log.getFirst());
            assertFalse(log.toString().contains("apfelbaum"));

            Files.writeString(folder.resolve("password"), "birnbaum\n");
            MqttAction right = action(new MqttSettings(
                    "tcp://127.0.0.1:" + broker.port(), "bench", "password", "", "", false, "homeassistant"));
            broker.subscribe("#").awaitLast(TOPIC + "availability", "online");
            right.close();
        }
    }

    @Test
    void homeAssistantFindsTheDeviceAnewAndOldButtonsGo() throws Exception {
        String old = "homeassistant/button/fieldfare-bench/parts-is-old/config";
        String label = "homeassistant/sensor/fieldfare-bench/parts-label/config";
        try (Mosquitto broker = Mosquitto.open(folder)) {
            broker.publish(old, "{}", true);
            Mosquitto.Heard heard = broker.subscribe("homeassistant/#");
            MqttAction action = action(at(broker.port()));
            heard.await(old + " 0 ");
            JsonNode document = new ObjectMapper().readTree(broker.retained(label));
            assertEquals(
                    "fieldfare-bench-parts-label", document.get("unique_id").asText());
            assertEquals(
                    TOPIC + "classifier/parts/label",
                    document.get("state_topic").asText());

            long before = heard.lines().stream()
                    .filter(line -> line.startsWith(label))
                    .count();
            assertEquals(1, before);
            broker.publish("homeassistant/status", "online", false);
            while (heard.lines().stream().filter(line -> line.startsWith(label)).count() < 2) {
                Thread.sleep(10);
            }
            // A label that is taught gets a button.
            action.on(new Event.Captured(Instant.EPOCH, "parts", "spring", "s", List.of()));
            while (!heard.last("homeassistant/button/fieldfare-bench/parts-is-spring/config")
                    .contains("\"payload_press\":\"parts: label spring\"")) {
                Thread.sleep(10);
            }
            // Another model: its labels have buttons now, and what is gone has none.
            Event.LabelsChanged changed = new Event.LabelsChanged(Instant.EPOCH, "parts", List.of("spring", "bolt"));
            assertTrue(action.wants(changed));
            action.on(changed);
            while (!heard.last("homeassistant/button/fieldfare-bench/parts-is-bolt/config")
                    .contains("\"payload_press\":\"parts: label bolt\"")) {
                Thread.sleep(10);
            }
            heard.awaitLast("homeassistant/button/fieldfare-bench/parts-is-nut/config", "");
            assertEquals(
                    1,
                    heard.lines().stream()
                            .filter(line -> line.contains("/parts-is-spring/"))
                            .count(),
                    "what has not changed is not sent again");
            // Home Assistant that starts anew finds no trace of what is gone.
            Mosquitto.Heard later = broker.subscribe("homeassistant/#");
            later.await(label + " 1 " + heard.last(label));
            assertTrue(later.lines().stream().noneMatch(line -> line.contains("parts-is-nut")));
            action.close();
        }
    }

    @Test
    void encryptedWithAnAuthorityOfOnesOwn() throws Exception {
        String openssl = Mosquitto.program("openssl");
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("certificate.pem");
        String[] make = {
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString()
        };
        run(make);
        List<String> settings = List.of("allow_anonymous true", "certfile " + certificate, "keyfile " + key);
        List<String> access = List.of("--cafile", certificate.toString(), "--insecure");
        try (Mosquitto broker = new Mosquitto(folder, settings, access)) {
            String address = "ssl://localhost:" + broker.port();
            MqttAction trusting = action(at(address, "", "", "certificate.pem"));
            broker.subscribe("#").awaitLast(TOPIC + "availability", "online");
            trusting.close();
            log.clear();
            MqttAction strict = action(at(address, "", "", ""));
            while (log.isEmpty()) {
                Thread.sleep(10);
            }
            strict.close();
            assertTrue(log.getFirst().contains("mqtt.certificate"), log.getFirst());
        }
    }

    @Test
    void missingPasswordFileIsAnErrorAtOnce() {
        MqttSettings settings = new MqttSettings("tcp://broker", "bench", "absent", "", "", true, "");
        assertThrows(FieldfareException.class, () -> action(settings));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
    }
}

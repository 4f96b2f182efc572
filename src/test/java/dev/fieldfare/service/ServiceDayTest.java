package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestModels;
import dev.fieldfare.camera.Part;
import dev.fieldfare.cli.Main;
import dev.fieldfare.gpio.Header;
import dev.fieldfare.gpio.Pin;
import dev.fieldfare.gpio.SimulatedPins;
import dev.fieldfare.gpio.Timer;
import dev.fieldfare.mqtt.Mosquitto;
import dev.fieldfare.mqtt.MqttAction;
import dev.fieldfare.mqtt.MqttDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device's day at high speed, with real models and a real retraining in a child process. */
@Timeout(300)
class ServiceDayTest {
    private static final String TOPIC = "fieldfare/test-bench/";
    private static final List<Part> PARTS = List.of(Part.NUT, Part.WASHER, Part.CABLE_TIE);

    @TempDir
    Path home;

    private final Stage stage = new Stage();
    private final SimulatedPins pins = new SimulatedPins();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<String> brokerLog = new CopyOnWriteArrayList<>();
    private volatile Optional<String> tired = Optional.empty();

    /** Where Mosquitto is installed. */
    private Mosquitto broker;

    private static final String DAY = """
        name: test-bench
        lights:
          - {pin: GPIO17, when: {labels: [washer]}}
          - {pin: GPIO22, when: {labels: [washer]}, confidence: 0.4, frames: 4, of: 8}
        buttons:
          - {pin: GPIO5, press: retrain, hold: rollback}
        statusLight: GPIO27
        cameras:
          stage: {source: stage, settle: 0s}
        classifiers:
          parts:
            average: none
            decision: {confidence: 0.5, keep: 0.4, frames: 3, of: 5}
            collect: {interval: 0s, every: 1h, burst: 12}
            retrain:
              training: {train: last, epochs: 15, threads: 1, average: none, split: {by: picture}}
        """;

    private Service start(Recorder recorder) throws IOException {
        String mqtt = broker == null ? "" : "mqtt: {broker: 'tcp://127.0.0.1:" + broker.port() + "'}\n";
        return start(recorder, DAY + mqtt);
    }

    private Service start(Recorder recorder, String yaml) throws IOException {
        Path file = home.resolve("device.yaml");
        Files.writeString(file, yaml);
        DeviceConfig config = DeviceConfig.read(file);
        Service.Surroundings around = new Service.Surroundings(
                settings -> stage.origin(),
                orders -> actions(recorder, config, orders),
                ServiceDayTest::command,
                MemoryLimit.NONE,
                settings -> tired,
                Clock.systemUTC(),
                duration -> Thread.sleep(10),
                log::add);
        return Service.start(config, DeviceFolder.of(file, config, TestModels.shippedFile()), around);
    }

    private List<Action> actions(Recorder recorder, DeviceConfig config, Orders orders) {
        List<Action> actions = new ArrayList<>(List.of(recorder, panel(config, orders)));
        if (config.mqtt().isOn()) {
            MqttDevice device = new MqttDevice(config.name(), "1.0", List.of("stage"), Map.of("parts", List.of()));
            actions.add(
                    new MqttAction(config.mqtt(), device, home, Map.of(), orders, Clock.systemUTC(), brokerLog::add));
        }
        return actions;
    }

    private Panel panel(DeviceConfig config, Orders orders) {
        Timer later = (delay, task) -> () -> {};
        Header header = Header.simulated(pins, later, failure -> log.add(String.valueOf(failure.getMessage())));
        return new Panel(
                header,
                config.lights(),
                config.buttons(),
                config.statusLight(),
                config.cameras().keySet(),
                orders);
    }

    private void awaitLight(String pin, boolean on) throws InterruptedException {
        for (int i = 0; i < 3000 && !pins.high(Pin.of(pin)).equals(Optional.of(on)); i++) {
            Thread.sleep(10);
        }
        assertEquals(Optional.of(on), pins.high(Pin.of(pin)), pin);
    }

    /** Fieldfare as the tests know it. */
    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /** The retraining; the broker is a child, too. */
    private static ProcessHandle child() throws InterruptedException {
        for (int i = 0; i < 1000; i++) {
            Optional<ProcessHandle> child = ProcessHandle.current()
                    .children()
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> process.info()
                            .command()
                            .equals(ProcessHandle.current().info().command()))
                    .findFirst();
            if (child.isPresent()) {
                return child.get();
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no child");
    }

    private static Event.Training end(Recorder recorder) throws InterruptedException {
        return recorder.await(Event.Training.class, event -> event.stage().isEnd());
    }

    /** All of it but for the broker also where there is none; that the broker was missing is said then. */
    @Test
    void aDayOfADevice() throws Exception {
        if (Mosquitto.isThere()) {
            try (Mosquitto opened = Mosquitto.open(Files.createDirectory(home.resolve("broker")))) {
                broker = opened;
                day();
            }
        } else {
            day();
            Assumptions.abort("the day passed, but without a broker: mosquitto" + Mosquitto.MISSING);
        }
    }

    private void day() throws Exception {
        Recorder recorder = new Recorder();
        Service service = start(recorder);
        try (service) {
            // Morning: somebody lays parts under the camera and says what they are.
            for (Part part : PARTS) {
                stage.show(part);
                service.give(Order.parse("label " + part.label()));
                Event.Captured captured = recorder.await(Event.Captured.class);
                assertEquals(part.label(), captured.label());
                assertEquals(12, captured.files().size());
                for (Path picture : captured.files()) {
                    assertTrue(Files.size(picture) > 0, picture.toString());
                    assertEquals(
                            part.label(), String.valueOf(picture.getParent().getFileName()));
                }
            }

            // Somebody presses the button: it learns, and goes on looking meanwhile.
            long before = service.status().classifiers().getFirst().looks();
            pins.press(Pin.of("GPIO5"));
            pins.release(Pin.of("GPIO5"));
            recorder.await(Event.Training.class, event -> event.stage() == Event.Training.Stage.STARTED);
            Event.Training trained = end(recorder);
            assertEquals(Event.Training.Stage.PROMOTED, trained.stage(), trained.words());
            assertEquals("0001", recorder.await(Event.ModelChanged.class).version());
            long looks = service.status().classifiers().getFirst().looks();
            assertTrue(looks > before + 5, looks + " looks, " + before + " before");

            // Decisions follow what lies there.
            for (Part part : List.of(Part.WASHER, Part.CABLE_TIE, Part.NUT)) {
                stage.show(part);
                recorder.await(Event.Decided.class, decided -> decided.label().equals(part.label()));
            }
            // So does the light, however often it flickers.
            stage.show(Part.WASHER);
            awaitLight("GPIO17", true);
            awaitLight("GPIO22", true);
            stage.show(Part.CABLE_TIE);
            awaitLight("GPIO17", false);
            awaitLight("GPIO22", false);
            awaitLight("GPIO27", true);

            // The cable is pulled, and put back.
            stage.unplug();
            Event.CameraLost lost = recorder.await(Event.CameraLost.class);
            assertTrue(lost.reason().contains("cable"), lost.reason());
            assertFalse(service.status().cameras().getFirst().sees());
            awaitLight("GPIO27", false);
            stage.plug();
            assertEquals("stage", recorder.await(Event.CameraSees.class).camera());
            stage.show(Part.WASHER);
            recorder.await(Event.Decided.class, decided -> decided.label().equals("washer"));

            theBrokerGoesAndComesBack(recorder);

            // A retraining rests while the board is hot, and is killed in the end: nothing changes.
            service.give(Order.parse("retrain"));
            recorder.await(Event.Training.class, event -> event.stage() == Event.Training.Stage.STARTED);
            tired = Optional.of("the processor is at 85 degrees");
            Event.Training resting =
                    recorder.await(Event.Training.class, event -> event.stage() == Event.Training.Stage.RESTING);
            assertEquals("the processor is at 85 degrees", resting.words());
            tired = Optional.empty();
            recorder.await(Event.Training.class, event -> event.stage() == Event.Training.Stage.RESUMED);
            child().destroyForcibly();
            assertEquals(Event.Training.Stage.FAILED, end(recorder).stage());
            assertEquals("0001", service.status().classifiers().getFirst().model());

            // One that nobody disturbs may follow at once.
            service.give(Order.parse("retrain"));
            Event.Training.Stage again = end(recorder).stage();
            assertNotEquals(Event.Training.Stage.FAILED, again);

            pausing(service, recorder);

            // Back to the beginning.
            int versions = again == Event.Training.Stage.PROMOTED ? 2 : 1;
            for (int i = versions; i > 0; i--) {
                service.give(Order.parse("rollback"));
                String version = recorder.await(
                                Event.ModelChanged.class,
                                event -> !event.version().equals("0002"))
                        .version();
                assertEquals(i == 2 ? "0001" : "cifar10-64.onnx", version);
            }
            service.give(Order.parse("rollback"));
            assertTrue(recorder.await(Event.Refused.class).reason().contains("nothing to go back to"));
        }
        assertEquals(Optional.empty(), pins.high(Pin.of("GPIO17")), "the pin was given back");
        // No frame was lost: all that came were looked at, but for the one in flight and those while it paused.
        Status.Classifier end = service.status().classifiers().getFirst();
        assertTrue(end.looks() >= stage.frames() - pausedFrames - 4, end.looks() + " of " + stage.frames());
        assertEquals(List.of(), log);
    }

    /** Whoever listens there knows how things are, before and after; the device goes on meanwhile. */
    private void theBrokerGoesAndComesBack(Recorder recorder) throws InterruptedException {
        if (broker == null) {
            return;
        }
        broker.subscribe(TOPIC + "#").awaitLast(TOPIC + "classifier/parts/label", "washer");
        broker.kill();
        stage.show(Part.NUT);
        recorder.await(Event.Decided.class, decided -> decided.label().equals("nut"));
        awaitLight("GPIO17", false);
        broker.restart();
        Mosquitto.Heard heard = broker.subscribe(TOPIC + "#");
        heard.awaitLast(TOPIC + "classifier/parts/label", "nut");
        heard.awaitLast(TOPIC + "availability", "online");
        assertTrue(
                brokerLog.stream().anyMatch(line -> line.contains("it is tried again and again")),
                brokerLog.toString());
        // Orders come through the new connection.
        broker.publish(TOPIC + "command", "label nut x2", false);
        assertEquals(2, recorder.await(Event.Captured.class).files().size());
    }

    private long pausedFrames;

    /** Lights go out meanwhile, and on again for what is there afterwards. */
    private void pausing(Service service, Recorder recorder) throws InterruptedException {
        stage.show(Part.WASHER);
        awaitLight("GPIO17", true);
        awaitLight("GPIO22", true);
        service.give(Order.parse("pause"));
        assertTrue(recorder.await(Event.Paused.class).paused());
        long begin = stage.frames();
        awaitLight("GPIO17", false);
        awaitLight("GPIO22", false);
        Thread.sleep(Duration.ofMillis(50));
        service.give(Order.parse("toggle"));
        assertFalse(recorder.await(Event.Paused.class).paused());
        pausedFrames = stage.frames() - begin;
        awaitLight("GPIO17", true);
        awaitLight("GPIO22", true);
    }

    /** What was learnt is there after a restart, and a second device is not let in while the first runs. */
    @Test
    void whatWasLearntIsThereTomorrow() throws Exception {
        Path models = home.resolve("data/models/parts");
        Files.createDirectories(models);
        Files.copy(TestModels.shippedFile(), models.resolve("model.onnx"));
        try (Service service = start(new Recorder())) {
            assertEquals("model.onnx", service.status().classifiers().getFirst().model());
            FieldfareException refused = assertThrows(FieldfareException.class, () -> start(new Recorder()));
            assertTrue(refused.getMessage().contains("another device is running"), refused.getMessage());
        }
        Files.writeString(models.resolve("model.onnx"), "no model at all");
        try (Service service = start(new Recorder())) {
            assertEquals(
                    "cifar10-64.onnx", service.status().classifiers().getFirst().model());
            assertTrue(log.getFirst().contains("cannot be used"), log.toString());
        }
    }

    private static List<String> awaitLabels(Recorder recorder, String label) throws InterruptedException {
        return recorder.await(Event.LabelsChanged.class, event -> event.labels().contains(label))
                .labels();
    }

    private static void awaitModel(Service service, String version) throws InterruptedException {
        for (int i = 0;
                i < 3000 && !service.status().classifiers().getFirst().model().equals(version);
                i++) {
            Thread.sleep(10);
        }
        assertEquals(version, service.status().classifiers().getFirst().model());
    }

    /** A model that somebody else puts to use, or takes away, is taken up between two frames. */
    @Test
    void modelsOfOthersAreTakenUpWhileItRuns() throws Exception {
        Path models = home.resolve("data/models/parts");
        Recorder recorder = new Recorder();
        try (Service service = start(recorder)) {
            awaitModel(service, "cifar10-64.onnx");
            Files.createDirectories(models);
            Files.copy(TestModels.shippedFile(), models.resolve("model.onnx"));
            awaitModel(service, "model.onnx");
            assertTrue(awaitLabels(recorder, "truck").contains("cat"), "what it knows now can be taught");
            Files.createDirectories(home.resolve("data/pictures/parts/nut"));
            assertTrue(awaitLabels(recorder, "nut").contains("truck"));
            Files.delete(models.resolve("model.onnx"));
            awaitModel(service, "cifar10-64.onnx");
            assertEquals(List.of("nut"), awaitLabels(recorder, "nut"), "nobody asked for those of the beginning");
            long looks = service.status().classifiers().getFirst().looks();
            Files.writeString(models.resolve("model.onnx"), "no model at all");
            awaitLog("cannot be used");
            for (int i = 0;
                    i < 2000 && service.status().classifiers().getFirst().looks() < looks + 5;
                    i++) {
                Thread.sleep(10);
            }
            assertTrue(service.status().classifiers().getFirst().looks() >= looks + 5, "it goes on looking");
        }
    }

    /** The watchdog of systemd does not bite who has done his work. */
    @Test
    void theEndOfAFolderIsNoHanging() throws Exception {
        try (Service service = start(new Recorder())) {
            awaitModel(service, "cifar10-64.onnx");
            stage.end();
            service.await();
            Thread.sleep(Duration.ofMillis(50));
            assertTrue(service.isAlive(Duration.ofMillis(20)));
            assertEquals(
                    "camera stage does not see; parts: unknown",
                    service.status().inWords().replaceFirst("parts: .*", "parts: unknown"));
        }
    }

    private static final String TWO_CAMERAS = """
        cameras:
          left: {source: stage, settle: 0s}
          right: {source: stage, settle: 0s}
        classifiers:
          a: {camera: left, average: none, decision: {confidence: CONFIDENCE, keep: 0}}
          b: {camera: left, average: crops:2}
          c: {camera: right, average: none, looksPerSecond: 5}
        """;

    /** Several cameras, and several classifiers on one of them; what may change while they run does. */
    @Test
    void severalOfEachAndAChangeWhileTheyRun() throws Exception {
        Recorder recorder = new Recorder();
        try (Service service = start(recorder, TWO_CAMERAS.replace("CONFIDENCE", "1"))) {
            for (int i = 0; i < 3; i++) {
                recorder.await(Event.ModelChanged.class);
            }
            for (int i = 0; i < 2000 && service.status().classifiers().stream().anyMatch(one -> one.looks() < 5); i++) {
                Thread.sleep(10);
            }
            Status status = service.status();
            assertEquals(2, status.cameras().size());
            assertTrue(status.classifiers().stream().allMatch(one -> one.looks() >= 5), status.toString());
            assertEquals("unknown", status.classifiers().getFirst().decision(), "nothing is as sure as that");
            assertThrows(FieldfareException.class, () -> service.obey(Order.parse("retrain")), "which one?");

            Path file = home.resolve("device.yaml");
            Files.writeString(file, "cameras: nonsense");
            awaitLog("cameras");
            Files.writeString(file, TWO_CAMERAS.replace("CONFIDENCE", "0"));
            awaitLog("all of it holds from now on");
            Event.Decided decided = recorder.await(
                    Event.Decided.class, event -> event.classifier().equals("a"));
            assertNotEquals("unknown", decided.label());
        }
    }

    private void awaitLog(String words) throws InterruptedException {
        for (int i = 0; i < 2000 && log.stream().noneMatch(line -> line.contains(words)); i++) {
            Thread.sleep(10);
        }
        assertTrue(log.stream().anyMatch(line -> line.contains(words)), log.toString());
    }
}

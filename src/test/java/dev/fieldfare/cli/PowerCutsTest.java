package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.Versions;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real program is killed, with its child that trains, at random instants: of its start, of taking pictures, of looking
 * at them, of training, of promoting and of going back. {@code tools/power-cuts.sh} does so hundreds of times.
 */
@Timeout(4 * 3600)
class PowerCutsTest {
    private static final int CUTS = Integer.getInteger("fieldfare.powerCuts", 4);
    private static final long SEED = Long.getLong("fieldfare.powerCuts.seed", 1);
    private static final String STARTING = "starting";
    private static final List<String> ORDERS =
            List.of("label nut x3", "retrain", "retrain", "retrain", "rollback", "label nut x2");

    @TempDir
    Path home;

    private final RandomGenerator random = new Seed(SEED).generator("power cuts");
    private final List<Path> promised = new ArrayList<>();
    private final Map<String, Integer> cuts = new TreeMap<>();
    private final Map<String, Integer> events = new TreeMap<>();
    private volatile String doing = "";
    private long newest;

    private Path models() {
        return home.resolve("data/models/parts");
    }

    private void furnish() throws IOException {
        SimulatedPictures.write(home.resolve("data/pictures/parts"), 12);
        try (Stream<Path> pictures = Files.list(home.resolve("data/pictures/parts/nut"))) {
            Files.createDirectories(home.resolve("stage"));
            for (Path picture : pictures.toList()) {
                Files.copy(picture, home.resolve("stage").resolve(picture.getFileName()));
            }
        }
        Files.copy(TestModels.shippedFile(), home.resolve("start.onnx"));
        Files.writeString(home.resolve("device.yaml"), """
            cameras: {bench: {source: "loop:STAGE", settle: 0s, framesPerSecond: 10}}
            classifiers:
              parts:
                model: start.onnx
                average: none
                collect: {interval: 50ms, unsure: true, below: 1, every: 1s}
                retrain:
                  keep: 3
                  training: {train: last, epochs: 10, augment: {views: 1}, threads: 1, average: none, split: {by: picture}}
            """.replace(
                        "STAGE", home.resolve("stage").toString()));
    }

    private Process start() throws IOException {
        doing = STARTING;
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run",
                        "--json",
                        "-c",
                        home.resolve("device.yaml").toString())
                .redirectOutput(home.resolve("events").toFile())
                .redirectError(home.resolve("log").toFile())
                .start();
    }

    /** What it told before it was killed. */
    private Map<String, Integer> hear() throws IOException {
        Map<String, Integer> told = new TreeMap<>();
        String lines = Files.readString(home.resolve("events"));
        // The last line may be half of one.
        for (String line :
                lines.substring(0, lines.lastIndexOf('\n') + 1).lines().toList()) {
            JsonNode event = JsonMapper.builder().build().readTree(line);
            String kind = event.get("event").asText();
            told.merge(kind.equals("training") ? event.get("stage").asText() : kind, 1, Integer::sum);
            event.path("files").forEach(file -> promised.add(Path.of(file.asText())));
        }
        return told;
    }

    /** Gives orders one after the other until nobody answers any more. */
    private void command(Process device, long seed) {
        RandomGenerator choice = new Seed(seed).generator("orders");
        while (device.isAlive()) {
            String order = ORDERS.get(choice.nextInt(ORDERS.size()));
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(home.resolve("data/control")))) {
                doing = order.startsWith("label") ? "taking pictures" : order;
                channel.write(ByteBuffer.wrap((order + "\n").getBytes(StandardCharsets.UTF_8)));
                ByteBuffer answer = ByteBuffer.allocate(1 << 14);
                while (channel.read(answer) >= 0) {
                    Thread.onSpinWait();
                }
                Thread.sleep(choice.nextInt(500));
            } catch (IOException e) {
                pause(20); // it is not there yet, or not any more
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param fromStart whether to wait so long from its start on, or from when it follows orders */
    private void cut(Process device, boolean fromStart, long millis) throws IOException, InterruptedException {
        for (int i = 0; i < 6000 && !fromStart && device.isAlive() && doing.equals(STARTING); i++) {
            Thread.sleep(10);
        }
        device.waitFor(millis, TimeUnit.MILLISECONDS);
        assertTrue(device.isAlive(), () -> "it ended by itself: " + log());
        List<ProcessHandle> all = new ArrayList<>(device.descendants().toList());
        String was = doing;
        if (!all.isEmpty() && !was.equals(STARTING)) {
            was = Files.exists(models().resolve("versions/.training/done-0"))
                    ? "finishing or promoting"
                    : Files.exists(models().resolve("versions/.training/features.f32")) ? "looking and training" : was;
        }
        device.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        device.waitFor();
        for (ProcessHandle one : all) {
            one.onExit().join();
        }
        cuts.merge(was, 1, Integer::sum);
        hear().forEach((event, times) -> events.merge(event, times, Integer::sum));
    }

    private String log() {
        try {
            return Files.readString(home.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What whoever comes next finds. */
    private void check(int number) {
        String after = "after power cut " + number + " of " + cuts + "\n" + log();
        for (Path picture : promised) {
            assertTrue(Files.isRegularFile(picture), picture + " is missing " + after);
            assertEquals(96, PictureReader.read(picture, 96).width(), after);
        }
        Versions versions = new Versions(models());
        for (String version : versions.names()) {
            assertEquals(Optional.empty(), versions.damage(version), after);
        }
        assertEquals(List.of(), versions.setAside(), after);
        long now = versions.names().stream().mapToLong(Long::parseLong).max().orElse(0);
        assertTrue(now >= newest, "version " + newest + " is missing " + after);
        newest = now;
        Optional<Versions.Usable> usable = versions.usable();
        assertEquals(
                Files.exists(models().resolve(ModelStore.MODEL)),
                usable.isPresent() && usable.get().file().equals(versions.model()),
                after);
        usable.ifPresent(good -> assertTrue(isRight(good.file()), "it does not know a nut any more " + after));
    }

    private boolean isRight(Path file) {
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        int right = 0;
        try (Classifier classifier = Classifier.open(model, Averaging.NONE, 1, InstantSource.system())) {
            for (int i = 0; i < 12; i++) {
                var picture = PictureReader.read(
                        home.resolve("stage").resolve(i + ".png"),
                        model.preprocessing().wantedShortSide());
                right += classifier.predict(picture, Averaging.NONE).label().equals("nut") ? 1 : 0;
            }
        } catch (FieldfareException e) {
            throw new AssertionError(e);
        }
        return right > 6;
    }

    @Test
    void nothingIsLost() throws Exception {
        furnish();
        for (int i = 1; i <= CUTS; i++) {
            Process device = start();
            long seed = random.nextLong();
            Thread commands = Thread.ofVirtual().start(() -> command(device, seed));
            cut(device, random.nextInt(4) == 0, random.nextLong(50, 8000));
            commands.join();
            check(i);
            if (CUTS > 10 && i % 10 == 0) {
                Files.writeString(
                        Path.of("target/power-cuts.txt"),
                        i + " power cuts, seed " + SEED + ": " + cuts + "; it told of " + events + "; "
                                + promised.size() + " pictures were promised, and the newest version is " + newest
                                + "\n");
            }
        }
        // And it works on.
        Process device = start();
        try {
            for (int i = 0; i < 600 && !hear().containsKey("model-changed"); i++) {
                Thread.sleep(100);
            }
            assertTrue(hear().containsKey("model-changed"), this::log);
        } finally {
            device.descendants().forEach(ProcessHandle::destroyForcibly);
            device.destroyForcibly().waitFor();
        }
    }
}

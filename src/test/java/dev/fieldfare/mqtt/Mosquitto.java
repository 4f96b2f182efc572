package dev.fieldfare.mqtt;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real broker on a free port, whose configuration lies in a temporary folder, and its command line clients. */
public final class Mosquitto implements AutoCloseable {
    private static final String[] FOLDERS = {"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"};

    public static final String MISSING = " is not installed; on Debian: sudo apt install mosquitto mosquitto-clients";

    private final Path folder;
    private final int port;
    private final List<String> access;
    private final List<Process> clients = new ArrayList<>();
    private Process broker;

    /** A broker that lets everybody in. */
    public static Mosquitto open(Path folder) {
        return new Mosquitto(folder, List.of("allow_anonymous true"), List.of());
    }

    /**
     * @param settings further lines of its configuration
     * @param access further options for its clients
     */
    Mosquitto(Path folder, List<String> settings, List<String> access) {
        this.folder = folder;
        this.access = access;
        this.port = freePort();
        // Started by root, it would become a user who may not read the folder.
        List<String> lines =
                new ArrayList<>(List.of("listener " + port + " 127.0.0.1", "user " + System.getProperty("user.name")));
        lines.addAll(settings);
        try {
            Files.write(folder.resolve("mosquitto.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    /** The path of a program; where there is none the test is skipped. */
    public static String program(String name) {
        return find(name).orElseGet(() -> Assumptions.abort(name + MISSING));
    }

    private static Optional<String> find(String name) {
        return Stream.of(FOLDERS)
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** Whether there is a broker here, with its clients. */
    public static boolean isThere() {
        return Stream.of("mosquitto", "mosquitto_sub", "mosquitto_pub")
                .allMatch(name -> find(name).isPresent());
    }

    public int port() {
        return port;
    }

    public void kill() {
        broker.destroyForcibly();
        broker.onExit().join();
    }

    /** A broker that remembers nothing. */
    public void restart() {
        broker = run(
                List.of(
                        program("mosquitto"),
                        "-c",
                        folder.resolve("mosquitto.conf").toString()),
                folder.resolve("mosquitto.log"));
        for (int i = 0; i < 100; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
                return;
            } catch (IOException e) {
                pause();
            }
        }
        throw new IllegalStateException("mosquitto does not answer: " + read(folder.resolve("mosquitto.log")));
    }

    /** Listens to topics; each message is a line of the topic, r if it was retained, and the payload. */
    public Heard subscribe(String topic) {
        Path heard = folder.resolve("heard" + clients.size());
        clients.add(run(client("mosquitto_sub", "-t", topic, "-F", "%t %r %p"), heard));
        Heard result = new Heard(heard);
        // The subscription is in place once a retained message comes back to it.
        publish("fieldfare-test/ready", "yes", true);
        return result;
    }

    /** The first retained message of a topic, as bytes. */
    byte[] retained(String topic) throws IOException, InterruptedException {
        Path file = folder.resolve("retained");
        Process process = run(client("mosquitto_sub", "-t", topic, "-C", "1", "-W", "5", "-N"), file);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        return Files.readAllBytes(file);
    }

    public void publish(String topic, String payload, boolean retained) {
        List<String> command = client("mosquitto_pub", "-q", "1", "-t", topic, "-m", payload);
        if (retained) {
            command.add("-r");
        }
        finish(command);
    }

    void publish(String topic, Path payload) {
        finish(client("mosquitto_pub", "-q", "1", "-t", topic, "-f", payload.toString()));
    }

    private void finish(List<String> command) {
        Path said = folder.resolve("said");
        assertTrue(
                run(command, said)
                                .onExit()
                                .orTimeout(10, TimeUnit.SECONDS)
                                .join()
                                .exitValue()
                        == 0,
                read(said));
    }

    private List<String> client(String name, String... options) {
        List<String> command =
                new ArrayList<>(List.of(program(name), "-h", "127.0.0.1", "-p", String.valueOf(port), "-V", "mqttv5"));
        command.addAll(access);
        command.addAll(List.of(options));
        return command;
    }

    private static Process run(List<String> command, Path output) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            // Pictures are among what is heard: every byte is a character.
            return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(Process::destroyForcibly);
        kill();
    }

    /** What a subscriber heard so far. */
    public record Heard(Path file) {
        List<String> lines() {
            return read(file).lines().toList();
        }

        /** Waits for a line. */
        public void await(String line) {
            for (int i = 0; i < 1000; i++) {
                if (lines().contains(line)) {
                    return;
                }
                pause();
            }
            throw new AssertionError("did not hear '" + line + "', but:\n" + read(file));
        }

        /** Waits for the last message of a topic to be this one. */
        public void awaitLast(String topic, String payload) {
            for (int i = 0; i < 1000; i++) {
                if (last(topic).equals(payload)) {
                    return;
                }
                pause();
            }
            throw new AssertionError("did not hear '" + payload + "' from " + topic + " at last, but:\n" + read(file));
        }

        /** The last message of a topic; empty before the first. */
        String last(String topic) {
            return lines().stream()
                    .filter(line -> line.startsWith(topic + " "))
                    .reduce((first, second) -> second)
                    .map(line -> line.substring(topic.length() + 3))
                    .orElse("");
        }
    }
}

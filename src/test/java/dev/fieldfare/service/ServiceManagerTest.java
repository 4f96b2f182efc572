package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a datagram socket that Python opens, which stands for systemd. */
@Timeout(60)
class ServiceManagerTest {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /** Prints each message on a line of its own. */
    private static final String LISTENER = """
        import socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1].replace('@', chr(0)))
        print('bound', flush=True)
        while True:
            print(s.recv(4096).decode(), flush=True)
        """;

    @TempDir
    Path folder;

    private final List<String> log = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"FOLDER/notify", "@fieldfare-test-PID"})
    void systemdHearsHowTheServiceIs(String place) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(PYTHON), "there is no " + PYTHON);
        long process = ProcessHandle.current().pid();
        String socket = place.replace("FOLDER", folder.toString()).replace("PID", String.valueOf(process));
        Process listener = new ProcessBuilder(PYTHON.toString(), "-c", LISTENER, socket)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader heard = listener.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("bound", heard.readLine());
            ServiceManager manager =
                    new ServiceManager(Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "30000000"), process, log::add);
            manager.ready();
            assertEquals("READY=1", heard.readLine());
            manager.status("looks for Mäuse\nMAINPID=1");
            assertEquals("STATUS=looks for Mäuse MAINPID=1", heard.readLine());
            manager.alive();
            assertEquals("WATCHDOG=1", heard.readLine());
            manager.stopping();
            assertEquals("STOPPING=1", heard.readLine());
            assertEquals(Optional.of(Duration.ofSeconds(15)), manager.rhythm());
        } finally {
            listener.destroyForcibly();
        }
        assertEquals(List.of(), log);
    }

    @Test
    void nobodyListensIsSaidOnce() {
        ServiceManager manager = new ServiceManager(
                Map.of("NOTIFY_SOCKET", folder.resolve("absent").toString()), 1, log::add);
        manager.ready();
        manager.alive();
        assertEquals(List.of("systemd cannot be told how the service is: sendto: no such file (errno 2)"), log);
        assertEquals(Optional.empty(), manager.rhythm());
    }

    @Test
    void whereNobodyAsksNothingIsTold() {
        ServiceManager manager = new ServiceManager(Map.of("WATCHDOG_USEC", "1000"), 1, log::add);
        manager.ready();
        assertEquals(Optional.empty(), manager.rhythm());
        Map<String, String> others = Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "2");
        assertEquals(Optional.empty(), new ServiceManager(others, 1, log::add).rhythm());
        assertEquals(List.of(), log);
    }
}

package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebhookActionTest {
    private static final Event DECIDED =
            new Event.Decided(Instant.EPOCH, "parts", "nut", "unknown", 0.98765, Optional.empty());

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final Deque<Integer> answers = new ArrayDeque<>();
    private final List<Duration> slept = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/secret", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.sendResponseHeaders(answers.isEmpty() ? 204 : answers.removeFirst(), -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private WebhookSettings settings(List<EventKind> events, When when) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/secret";
        return new WebhookSettings(url, events, when, "", Duration.ofSeconds(5), 3);
    }

    private WebhookAction action(WebhookSettings settings) {
        return new WebhookAction(settings, Map.of("TOKEN", "Bearer x"), slept::add);
    }

    @Test
    void eventsThatAreWantedAreTold() {
        WebhookSettings settings =
                settings(List.of(EventKind.DECIDED, EventKind.CAPTURED), new When("parts", List.of("nut")));
        try (WebhookAction action = action(settings)) {
            action.on(DECIDED);
            action.on(new Event.Decided(Instant.EPOCH, "parts", "screw", "nut", 1, Optional.empty()));
            action.on(new Event.Paused(Instant.EPOCH, true));
            action.on(new Event.Captured(Instant.EPOCH, "parts", "nut", "s1", List.of(Path.of("a.jpg"))));
        }
        assertEquals(
                List.of(
                        "{\"event\":\"decided\",\"at\":\"1970-01-01T00:00:00Z\",\"classifier\":\"parts\",\"label\":\"nut\","
                            + "\"before\":\"unknown\",\"probability\":0.9877}",
                        "{\"event\":\"captured\",\"at\":\"1970-01-01T00:00:00Z\",\"classifier\":\"parts\",\"label\":\"nut\","
                            + "\"session\":\"s1\",\"files\":[\"a.jpg\"]}"),
                bodies);
        assertEquals(List.of("null", "null"), authorizations);
    }

    @Test
    void decisionsAreTriedAgainAndTheRestIsNot() {
        answers.addAll(List.of(503, 429));
        try (WebhookAction action = action(settings(List.of(EventKind.values()), When.ALWAYS))) {
            action.on(DECIDED);
            assertEquals(3, bodies.size());
            assertEquals(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), slept);
            answers.addAll(List.of(500, 500, 500));
            assertThrows(FieldfareException.class, () -> action.on(DECIDED));
            answers.add(500);
            assertThrows(FieldfareException.class, () -> action.on(new Event.Paused(Instant.EPOCH, true)));
            assertEquals(7, bodies.size());
            // The address is wrong: asking again would not help.
            answers.add(404);
            FieldfareException failure = assertThrows(FieldfareException.class, () -> action.on(DECIDED));
            assertEquals(8, bodies.size());
            assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
            assertFalse(action.name().contains("secret"), action.name());
        }
    }

    @Test
    void whoNeverAnswersIsGivenUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            WebhookSettings settings = new WebhookSettings(
                    "http://127.0.0.1:" + silent.getLocalPort(),
                    List.of(EventKind.DECIDED),
                    When.ALWAYS,
                    "TOKEN",
                    Duration.ofMillis(100),
                    2);
            try (WebhookAction action = action(settings)) {
                FieldfareException failure = assertThrows(FieldfareException.class, () -> action.on(DECIDED));
                assertTrue(failure.getMessage().contains("timed out"), failure.getMessage());
                assertEquals(1, slept.size());
            }
        }
    }

    @Test
    void authorizationComesFromTheEnvironment() {
        WebhookSettings plain = settings(List.of(EventKind.DECIDED), When.ALWAYS);
        WebhookSettings settings =
                new WebhookSettings(plain.url(), plain.events(), plain.when(), "TOKEN", plain.timeLimit(), 1);
        try (WebhookAction action = action(settings)) {
            action.on(DECIDED);
        }
        assertEquals(List.of("Bearer x"), authorizations);
        WebhookSettings missing =
                new WebhookSettings(plain.url(), plain.events(), plain.when(), "OTHER", plain.timeLimit(), 1);
        assertThrows(FieldfareException.class, () -> action(missing));
        assertThrows(FieldfareException.class, () -> action(WebhookSettings.DEFAULT));
    }
}

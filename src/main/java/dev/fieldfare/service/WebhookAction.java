package dev.fieldfare.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.Sleeper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Tells an address of events. */
public final class WebhookAction implements Action {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final int TOO_MANY_REQUESTS = 429;

    private final WebhookSettings settings;
    private final Optional<String> authorization;
    private final Sleeper sleeper;
    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient client;

    /** @throws FieldfareException if the settings are incomplete, or name an environment variable that is not there */
    public WebhookAction(WebhookSettings settings, Map<String, String> environment, Sleeper sleeper) {
        settings.requireComplete("webhooks");
        this.settings = settings;
        this.sleeper = sleeper;
        String variable = settings.authorizationVariable();
        this.authorization = variable.isEmpty() ? Optional.empty() : Optional.ofNullable(environment.get(variable));
        Checks.require(
                variable.isEmpty() || authorization.isPresent(),
                "webhooks.authorizationVariable",
                "an environment variable",
                variable + ", not set");
        this.client =
                HttpClient.newBuilder().connectTimeout(settings.timeLimit()).build();
    }

    @Override
    public String name() {
        return "webhook " + settings.host();
    }

    @Override
    public void on(Event event) {
        if (!settings.events().contains(EventKind.of(event)) || !settings.when().matches(event)) {
            return;
        }
        HttpRequest request = request(event);
        int attempts = event instanceof Event.Decided ? settings.attempts() : 1;
        Duration wait = FIRST_WAIT;
        try {
            Optional<String> trouble = post(request);
            for (int i = 1; i < attempts && trouble.isPresent(); i++) {
                sleeper.sleep(wait);
                wait = wait.multipliedBy(2);
                trouble = post(request);
            }
            if (trouble.isPresent()) {
                throw new FieldfareException(trouble.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("stopped before it was told of " + EventKind.of(event), e);
        }
    }

    private HttpRequest request(Event event) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.url()))
                .timeout(settings.timeLimit())
                .header("Content-Type", "application/json");
        authorization.ifPresent(value -> request.header("Authorization", value));
        try {
            String body = mapper.writeValueAsString(EventFields.of(event));
            return request.POST(HttpRequest.BodyPublishers.ofString(body)).build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists and texts can always be written", e);
        }
    }

    /**
     * Posts once.
     *
     * @return what another attempt may mend; empty if it is told
     * @throws FieldfareException if another attempt would not help
     */
    private Optional<String> post(HttpRequest request) throws InterruptedException {
        int status;
        try {
            status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return Optional.of("it cannot be reached: " + why);
        }
        if (status >= 200 && status < 300) {
            return Optional.empty();
        }
        String answer = "it answers with status " + status;
        if (status >= 500 || status == TOO_MANY_REQUESTS) {
            return Optional.of(answer);
        }
        throw new FieldfareException(answer + "; check webhooks.url and what it expects");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

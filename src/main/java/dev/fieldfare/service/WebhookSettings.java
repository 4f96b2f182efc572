package dev.fieldfare.service;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/**
 * An address that is told of events, as JSON by HTTP POST.
 *
 * @param url {@code http://} or {@code https://}
 * @param events of which sorts
 * @param when of which classifier and labels
 * @param authorizationVariable the environment variable that holds what the header {@code Authorization} says; empty for
 *     no such header
 * @param timeLimit for one attempt
 * @param attempts for a decision; other events are tried once
 */
public record WebhookSettings(
        String url, List<EventKind> events, When when, String authorizationVariable, Duration timeLimit, int attempts) {
    /** What an entry leaves out; its {@code url} must be given. */
    public static final WebhookSettings DEFAULT =
            new WebhookSettings("", List.of(EventKind.DECIDED), When.ALWAYS, "", Duration.ofSeconds(5), 3);

    public WebhookSettings {
        events = List.copyOf(events);
        Checks.require(
                url.isEmpty() || isAddress(url), "webhooks.url", "http://HOST/... or https://HOST/...", "another text");
        Checks.requireRange("webhooks.attempts", attempts, 1, 10);
        Checks.requireTime("webhooks.timeLimit", timeLimit, Duration.ofMinutes(1));
        Checks.require(!timeLimit.isZero(), "webhooks.timeLimit", "longer than nothing", "0s");
    }

    private static boolean isAddress(String url) {
        try {
            URI uri = new URI(url);
            return uri.getHost() != null && List.of("http", "https").contains(String.valueOf(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false; // the caller says what was expected
        }
    }

    /**
     * Checks what an entry of a configuration must not leave out.
     *
     * @param entry its key, such as {@code webhooks.0}
     * @throws dev.fieldfare.FieldfareException if it does
     */
    void requireComplete(String entry) {
        Checks.require(!url.isEmpty(), entry + ".url", "given", "missing");
    }

    /** Where it goes, without the part that may be a secret. */
    String host() {
        URI uri = URI.create(url);
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }
}

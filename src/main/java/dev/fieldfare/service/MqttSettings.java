package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The broker that a device tells how things are, and takes orders from.
 *
 * @param broker {@code tcp://HOST:PORT}, or {@code ssl://HOST:PORT} for an encrypted connection; the port may be left
 *     out; empty for no broker
 * @param user empty where the broker asks for none
 * @param passwordFile a file whose first line is the password, relative to the configuration file
 * @param passwordVariable the environment variable that holds the password
 * @param certificate a PEM file of the authority that signed the broker's certificate, relative to the configuration
 *     file; empty for those that Java trusts
 * @param pictures whether each decision comes with its picture
 * @param discovery the topic below which Home Assistant looks for devices; empty to not announce the device
 */
public record MqttSettings(
        String broker,
        String user,
        String passwordFile,
        String passwordVariable,
        String certificate,
        boolean pictures,
        String discovery) {
    /** No broker. */
    public static final MqttSettings DEFAULT = new MqttSettings("", "", "", "", "", true, "homeassistant");

    private static final Map<String, Integer> PORTS = Map.of("tcp", 1883, "ssl", 8883);

    public MqttSettings {
        Checks.require(
                broker.isEmpty() || address(broker).isPresent(),
                "mqtt.broker",
                "tcp://HOST:PORT or ssl://HOST:PORT, without a user or a path",
                "'" + shown(broker) + "'");
        Checks.require(
                passwordFile.isEmpty() || passwordVariable.isEmpty(),
                "mqtt.passwordVariable",
                "left out where there is mqtt.passwordFile",
                "'" + passwordVariable + "'");
        Checks.require(
                user.isEmpty() == (passwordFile.isEmpty() && passwordVariable.isEmpty()),
                "mqtt.user",
                "given together with mqtt.passwordFile or mqtt.passwordVariable",
                "'" + user + "'");
        Checks.require(
                discovery.chars().noneMatch(c -> c == '+' || c == '#' || c == 0),
                "mqtt.discovery",
                "a topic without + and #",
                "'" + discovery + "'");
    }

    /** Whether there is a broker. */
    public boolean isOn() {
        return !broker.isEmpty();
    }

    /** Where the broker is, with its port. */
    public String address() {
        return address(broker).orElseThrow();
    }

    private static Optional<String> address(String broker) {
        try {
            URI uri = new URI(broker);
            Integer usual = uri.getScheme() == null ? null : PORTS.get(uri.getScheme());
            boolean plain = uri.getUserInfo() == null
                    && String.valueOf(uri.getRawPath()).isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
            if (usual == null || uri.getHost() == null || !plain) {
                return Optional.empty();
            }
            return Optional.of(
                    uri.getScheme() + "://" + uri.getHost() + ":" + (uri.getPort() < 0 ? usual : uri.getPort()));
        } catch (URISyntaxException e) {
            return Optional.empty(); // the caller says what was expected
        }
    }

    /** An address may have been given with a password in it, which no message may repeat. */
    private static String shown(String broker) {
        return broker.replaceFirst("//.*@", "//...@");
    }

    /**
     * The password, from its file or variable.
     *
     * @param folder of the configuration file
     * @throws FieldfareException naming the key if there is no such file or variable
     */
    public Optional<String> password(Path folder, Map<String, String> environment) {
        if (!passwordVariable.isEmpty()) {
            String value = environment.get(passwordVariable);
            Checks.require(
                    value != null, "mqtt.passwordVariable", "an environment variable", passwordVariable + ", not set");
            return Optional.ofNullable(value);
        }
        if (passwordFile.isEmpty()) {
            return Optional.empty();
        }
        Path file = folder.resolve(passwordFile);
        try {
            return Optional.of(Files.readString(file).lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new FieldfareException(
                    "mqtt.passwordFile: cannot read " + file + "; check that it exists and that"
                            + " the user of this service may read it",
                    e);
        }
    }
}

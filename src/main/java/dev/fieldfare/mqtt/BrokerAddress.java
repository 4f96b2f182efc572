package dev.fieldfare.mqtt;

import dev.fieldfare.service.MqttSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * Where a broker is and how to be let in. No method shows the password.
 *
 * @param uri with host and port
 * @param client the name that the broker knows this device by
 * @param sockets for an authority of one's own
 */
record BrokerAddress(
        String uri, String client, String user, Optional<byte[]> password, Optional<SSLSocketFactory> sockets) {
    /**
     * Reads what the settings name.
     *
     * @throws dev.fieldfare.FieldfareException naming the key if the password or the certificate is not to be had
     */
    static BrokerAddress of(MqttSettings settings, String device, Path folder, Map<String, String> environment) {
        Optional<SSLSocketFactory> sockets = settings.certificate().isEmpty()
                ? Optional.empty()
                : Optional.of(Certificates.trusting(folder.resolve(settings.certificate())));
        return new BrokerAddress(
                settings.address(),
                "fieldfare-" + device,
                settings.user(),
                settings.password(folder, environment).map(word -> word.getBytes(StandardCharsets.UTF_8)),
                sockets);
    }

    @Override
    public String toString() {
        return uri;
    }
}

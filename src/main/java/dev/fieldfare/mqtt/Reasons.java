package dev.fieldfare.mqtt;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Why there is no connection, in words that help. Codes: MQTT version 5.0 (OASIS), section 2.4; above 32000 Paho's. */
final class Reasons {
    private static final int SESSION_TAKEN_OVER = 142;

    private static final Map<Integer, String> WORDS = Map.of(
            1,
            "it does not speak MQTT 5; Mosquitto does from version 1.6 on",
            132,
            "it does not speak MQTT 5; Mosquitto does from version 1.6 on",
            133,
            "it does not like the device's name",
            134,
            "it does not know this user or password; check mqtt.user and its password",
            135,
            "it does not let this user in, or not do this; check mqtt.user, its password and the broker's rights",
            SESSION_TAKEN_OVER,
            "another device of the same name has connected; each needs a 'name' of its own",
            149,
            "the message is too large for it",
            151,
            "it has had enough messages from this device",
            32000,
            "it does not answer in time",
            32109,
            "the connection is lost");

    private Reasons() {}

    static String of(MqttException failure) {
        String known = WORDS.get(failure.getReasonCode());
        Throwable cause = failure.getCause();
        String host = switch (cause) {
            case UnknownHostException unknown -> "there is no host of this name";
            case ConnectException refused -> "nothing answers there: " + refused.getMessage();
            case SSLException untrusted ->
                "the encrypted connection fails: " + untrusted.getMessage()
                        + "; an authority of one's own is given as mqtt.certificate";
            case null, default -> "";
        };
        if (!host.isEmpty()) {
            return host;
        }
        if (known != null) {
            return known;
        }
        return failure.getMessage() + (cause == null ? "" : ": " + cause.getMessage());
    }

    static String of(MqttDisconnectResponse response) {
        String known = WORDS.get(response.getReturnCode());
        if (known != null) {
            return known;
        }
        return response.getException() == null ? "it ended the connection" : of(response.getException());
    }
}

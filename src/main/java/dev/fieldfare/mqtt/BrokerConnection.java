package dev.fieldfare.mqtt;

import dev.fieldfare.FieldfareException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** One connection to a broker, from its opening to its loss. For one thread; what comes in comes in another. */
final class BrokerConnection implements AutoCloseable {
    /** More than any order or document of ours; the broker keeps larger messages, so that nobody fills our heap. */
    static final int LARGEST_MESSAGE = 16 << 10;

    private static final int CONNECT_SECONDS = 10;
    private static final int KEEP_ALIVE_SECONDS = 20;
    private static final long ANSWER_MILLIS = 10_000;
    private static final int AT_LEAST_ONCE = 1;

    /** The library writes to standard error by itself; what matters of it comes back to us. Held, so that it lasts. */
    private static final Logger LIBRARY = Logger.getLogger("org.eclipse.paho.mqttv5");

    static {
        LIBRARY.setLevel(Level.OFF);
    }

    private final MqttAsyncClient client;

    /** Somebody's message; retained ones were said before we listened. */
    record Message(String topic, String text, boolean retained) {}

    private BrokerConnection(MqttAsyncClient client) {
        this.client = client;
    }

    /**
     * Connects.
     *
     * @param availability where the broker says {@code offline} once this connection is lost
     * @param onMessage takes what comes in
     * @param onLoss called with the reason when the connection is lost, not when it is closed
     * @throws FieldfareException saying why there is no connection
     */
    static BrokerConnection open(
            BrokerAddress address, String availability, Consumer<Message> onMessage, Consumer<String> onLoss) {
        MqttAsyncClient client = client(address);
        try {
            client.setCallback(new Callback(onMessage, onLoss));
            client.connect(options(address, availability)).waitForCompletion(2000L * CONNECT_SECONDS);
            return new BrokerConnection(client);
        } catch (MqttException e) {
            release(client);
            throw new FieldfareException(Reasons.of(e), e);
        }
    }

    private static MqttAsyncClient client(BrokerAddress address) {
        try {
            return new MqttAsyncClient(address.uri(), address.client(), new MemoryPersistence());
        } catch (MqttException e) {
            throw new IllegalStateException("memory is always there to remember messages in", e);
        }
    }

    private static MqttConnectionOptions options(BrokerAddress address, String availability) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        // Orders that came while we were away are not for now.
        options.setCleanStart(true);
        options.setConnectionTimeout(CONNECT_SECONDS);
        options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
        options.setMaximumPacketSize((long) LARGEST_MESSAGE);
        options.setWill(availability, message("offline".getBytes(StandardCharsets.UTF_8), true));
        if (!address.user().isEmpty()) {
            options.setUserName(address.user());
        }
        address.password().ifPresent(options::setPassword);
        address.sockets().ifPresent(options::setSocketFactory);
        return options;
    }

    private static MqttMessage message(byte[] payload, boolean retained) {
        return new MqttMessage(payload, AT_LEAST_ONCE, retained, new MqttProperties());
    }

    /**
     * Asks for the messages of topics, but for our own. At most once: an order twice would be worse than none.
     *
     * @throws FieldfareException if the broker does not agree
     */
    void listen(List<String> topics) {
        MqttSubscription[] wishes = topics.stream()
                .map(topic -> {
                    MqttSubscription wish = new MqttSubscription(topic, 0);
                    wish.setNoLocal(true);
                    return wish;
                })
                .toArray(MqttSubscription[]::new);
        try {
            IMqttToken answer = client.subscribe(wishes);
            answer.waitForCompletion(ANSWER_MILLIS);
        } catch (MqttException e) {
            throw new FieldfareException("it does not let the device listen to " + topics + ": " + Reasons.of(e), e);
        }
    }

    /**
     * Publishes, and waits until the broker has it.
     *
     * @throws FieldfareException if it did not get there
     */
    void publish(String topic, byte[] payload, boolean retained) {
        try {
            client.publish(topic, message(payload, retained)).waitForCompletion(ANSWER_MILLIS);
        } catch (MqttException e) {
            throw new FieldfareException("a message to " + topic + " did not get there: " + Reasons.of(e), e);
        }
    }

    /** Takes leave, so that the broker does not speak our will. */
    @Override
    public void close() {
        try {
            client.disconnect(0).waitForCompletion(1000);
        } catch (MqttException e) {
            // It is gone already: all that is left is to let go of threads and sockets.
        }
        release(client);
    }

    private static void release(MqttAsyncClient client) {
        try {
            client.disconnectForcibly(0, 0, false);
        } catch (MqttException e) {
            // It never was connected, or is no more.
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            throw new IllegalStateException("a connection that was cut can be closed", e);
        }
    }

    /** Called by threads of the library. */
    private record Callback(Consumer<Message> onMessage, Consumer<String> onLoss) implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            onMessage.accept(
                    new Message(topic, new String(message.getPayload(), StandardCharsets.UTF_8), message.isRetained()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            onLoss.accept(Reasons.of(response));
        }

        @Override
        public void mqttErrorOccurred(MqttException problem) {
            onLoss.accept(Reasons.of(problem));
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnected, String broker) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}
    }
}

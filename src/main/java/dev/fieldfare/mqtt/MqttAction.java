package dev.fieldfare.mqtt;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.service.Action;
import dev.fieldfare.service.Event;
import dev.fieldfare.service.MqttSettings;
import dev.fieldfare.service.Order;
import dev.fieldfare.service.Orders;
import dev.fieldfare.service.SteadyDecision;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells an MQTT broker how things are, and takes orders from it. The broker may be away at any time: then the state is
 * kept, and told when the broker is back.
 */
public final class MqttAction implements Action {
    /** An order is a word and a label; longer ones are read by nobody. */
    static final int LONGEST_ORDER = 256;

    private static final double QUALITY = 0.8;

    private final MqttSettings settings;
    private final Topics topics;
    private final Orders orders;
    private final Consumer<String> log;
    private final BrokerLink link;
    private MqttDevice device;

    /**
     * Prepares everything; nothing is connected before {@link #start}.
     *
     * @param folder that the settings' files are relative to
     * @throws FieldfareException naming the key if the password or the certificate is not to be had
     */
    public MqttAction(
            MqttSettings settings,
            MqttDevice device,
            Path folder,
            Map<String, String> environment,
            Orders orders,
            InstantSource clock,
            Consumer<String> log) {
        this(settings, device, folder, environment, orders, BrokerLink.BackOff.USUAL, clock, log);
    }

    MqttAction(
            MqttSettings settings,
            MqttDevice device,
            Path folder,
            Map<String, String> environment,
            Orders orders,
            BrokerLink.BackOff backOff,
            InstantSource clock,
            Consumer<String> log) {
        this.settings = settings;
        this.device = device;
        this.topics = new Topics(device.name());
        this.orders = orders;
        this.log = log;
        this.link = new BrokerLink(
                BrokerAddress.of(settings, device.name(), folder, environment),
                new BrokerLink.Availability(topics.availability(), bytes("online"), bytes("offline")),
                listenTo(),
                this::receive,
                backOff,
                clock,
                log);
    }

    private List<String> listenTo() {
        List<String> wanted = new ArrayList<>(List.of(topics.command()));
        if (!settings.discovery().isEmpty()) {
            wanted.add(HomeAssistant.birth(settings.discovery()));
            wanted.add(HomeAssistant.every(settings.discovery(), device.name()));
        }
        return wanted;
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public boolean wantsPictures() {
        return settings.pictures();
    }

    @Override
    public boolean wants(Event event) {
        return Action.super.wants(event) || event instanceof Event.LabelsChanged;
    }

    @Override
    public void start() {
        announce();
        link.keep(topics.looking(), bytes("ON"));
        device.cameras().forEach(camera -> keepCamera(camera, false, ""));
        device.classifiers().keySet().forEach(classifier -> {
            link.keep(topics.label(classifier), bytes(SteadyDecision.UNKNOWN));
            keepTraining(classifier, "idle", "");
        });
        link.start();
    }

    private Map<String, byte[]> documents() {
        return settings.discovery().isEmpty()
                ? Map.of()
                : HomeAssistant.documents(settings.discovery(), device, settings.pictures());
    }

    private void announce() {
        documents().forEach(link::keep);
    }

    @Override
    public void on(Event event) {
        switch (event) {
            case Event.Decided decided -> decided(decided);
            case Event.Steadied _ -> {} // a light's own affair
            case Event.CameraLost lost -> keepCamera(lost.camera(), true, lost.reason());
            case Event.CameraSees sees -> keepCamera(sees.camera(), false, "");
            case Event.Captured captured -> teach(captured.classifier(), captured.label());
            case Event.Training training ->
                keepTraining(training.classifier(), training.stage().name().toLowerCase(Locale.ROOT), training.words());
            case Event.ModelChanged changed -> link.keep(topics.model(changed.classifier()), bytes(changed.version()));
            case Event.LabelsChanged changed -> offer(changed.classifier(), changed.labels());
            case Event.Paused paused -> link.keep(topics.looking(), bytes(paused.paused() ? "OFF" : "ON"));
            case Event.Refused refused -> refuse(refused.order(), refused.reason());
        }
    }

    private void decided(Event.Decided decided) {
        link.keep(topics.label(decided.classifier()), bytes(decided.label()));
        link.keep(
                topics.confidence(decided.classifier()),
                bytes(String.format(Locale.ROOT, "%.3f", decided.probability())));
        if (settings.pictures()) {
            decided.picture()
                    .ifPresent(picture ->
                            link.keep(topics.picture(decided.classifier()), PictureWriter.jpeg(picture, QUALITY)));
        }
    }

    private void keepCamera(String camera, boolean problem, String reason) {
        link.keep(topics.camera(camera), Json.bytes(Map.of("problem", problem ? "ON" : "OFF", "reason", reason)));
    }

    private void keepTraining(String classifier, String state, String words) {
        link.keep(topics.training(classifier), Json.bytes(Map.of("state", state, "words", words)));
    }

    /** A label that the device was taught once has a button from then on. */
    private void teach(String classifier, String label) {
        List<String> known = device.classifiers().getOrDefault(classifier, List.of());
        if (known.contains(label)) {
            return;
        }
        List<String> more = new ArrayList<>(known);
        more.add(label);
        offer(classifier, more);
    }

    /** Buttons for these labels, and for no others. */
    private void offer(String classifier, List<String> labels) {
        Map<String, byte[]> before = documents();
        Map<String, List<String>> classifiers = new LinkedHashMap<>(device.classifiers());
        classifiers.put(classifier, List.copyOf(labels));
        device = new MqttDevice(device.name(), device.version(), device.cameras(), classifiers);
        Map<String, byte[]> now = documents();
        before.keySet().stream()
                .filter(topic -> !now.containsKey(topic))
                .forEach(topic -> link.keep(topic, new byte[0]));
        // What is as it was need not be sent again.
        now.forEach((topic, document) -> {
            if (!Arrays.equals(document, before.get(topic))) {
                link.keep(topic, document);
            }
        });
    }

    private void refuse(String order, String reason) {
        link.say(topics.refused(), Json.bytes(Map.of("order", order, "reason", reason)));
    }

    /** In a thread of the connection. What comes in was written by strangers. */
    private void receive(BrokerConnection.Message message) {
        try {
            if (message.topic().equals(topics.command())) {
                obey(message);
            } else if (message.topic().equals(HomeAssistant.birth(settings.discovery()))) {
                if (message.text().equals("online") && !message.retained()) {
                    link.repeat();
                }
            } else if (message.retained() && !link.keeps(message.topic())) {
                // A button of an earlier configuration.
                link.clear(message.topic());
            }
        } catch (RuntimeException mistake) {
            log.accept("mqtt: this is a mistake in Fieldfare, not yours: " + mistake);
        }
    }

    private void obey(BrokerConnection.Message message) {
        String text = message.text();
        if (text.isBlank()) {
            return; // so is a retained message taken away
        }
        String shown = text.length() <= LONGEST_ORDER ? text : text.substring(0, LONGEST_ORDER) + "...";
        if (message.retained()) {
            refuse(shown, "a retained order would be followed at every start; send it without --retain");
            return;
        }
        if (text.length() > LONGEST_ORDER) {
            refuse(shown, "an order has at most " + LONGEST_ORDER + " characters");
            return;
        }
        try {
            orders.give(Order.parse(text));
        } catch (FieldfareException e) {
            refuse(shown, e.getMessage());
        }
    }

    @Override
    public void close() {
        link.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

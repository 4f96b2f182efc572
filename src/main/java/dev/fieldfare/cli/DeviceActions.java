package dev.fieldfare.cli;

import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.gpio.Header;
import dev.fieldfare.gpio.SimulatedPins;
import dev.fieldfare.gpio.Timer;
import dev.fieldfare.mqtt.MqttAction;
import dev.fieldfare.mqtt.MqttDevice;
import dev.fieldfare.service.Action;
import dev.fieldfare.service.CommandAction;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.DeviceFolder;
import dev.fieldfare.service.Orders;
import dev.fieldfare.service.Panel;
import dev.fieldfare.service.WebhookAction;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** All that reacts to what happens in a device, as its configuration says. */
record DeviceActions(DeviceConfig config, DeviceFolder folder, EventLog log, Clock clock) {
    /** Makes them; the log comes first, so that it hears of the end last. */
    List<Action> all(Orders orders) {
        List<Action> actions = new ArrayList<>();
        actions.add(log);
        if (config.usesPins()) {
            actions.add(new Panel(
                    header(),
                    config.lights(),
                    config.buttons(),
                    config.statusLight(),
                    config.cameras().keySet(),
                    orders));
        }
        config.webhooks().forEach(webhook -> actions.add(new WebhookAction(webhook, System.getenv(), Sleeper.REAL)));
        config.commands().forEach(command -> actions.add(new CommandAction(command, folder.base())));
        if (config.mqtt().isOn()) {
            Map<String, List<String>> labels = new LinkedHashMap<>();
            config.classifiers()
                    .forEach((name, settings) -> labels.put(name, folder.labels(name, settings, List.of())));
            MqttDevice device = new MqttDevice(
                    config.name(),
                    Version.current(),
                    List.copyOf(config.cameras().keySet()),
                    labels);
            actions.add(new MqttAction(config.mqtt(), device, folder.base(), System.getenv(), orders, clock, log::say));
        }
        return actions;
    }

    private Header header() {
        Timer timer = Timer.on(Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("pulses").factory()));
        if (config.pins() == DeviceConfig.Pins.BOARD) {
            return Header.ofBoard(timer, failure -> log.say("pins: " + failure.getMessage()));
        }
        SimulatedPins pins = new SimulatedPins();
        pins.onChange((pin, high) -> log.say("simulated " + pin + " is " + (high ? "high" : "low")));
        return Header.simulated(pins, timer, failure -> log.say("pins: " + failure.getMessage()));
    }
}

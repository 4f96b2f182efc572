package dev.fieldfare.cli;

import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.service.Commander;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.Status;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "status", description = "Says how a running device stands: its cameras, what it sees, what it learns.")
final class StatusCommand implements Callable<Integer> {
    private static final Status NOTHING = new Status("", "", false, List.of(), List.of());

    @ParentCommand
    Main main = new Main();

    @Mixin
    DeviceOptions device = new DeviceOptions();

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() {
        Console console = main.console(json);
        DeviceConfig config = device.read();
        String answer = Commander.status(device.folder(config));
        if (json) {
            console.jsonText(answer);
            return 0;
        }
        Status status = StrictYaml.parse(answer, NOTHING, "the device's answer");
        console.print(status.name() + ", running since " + status.since() + (status.paused() ? ", paused" : ""));
        for (Status.Camera camera : status.cameras()) {
            console.print("camera " + camera.name() + ": "
                    + (camera.sees() ? camera.received() + " frames" : camera.trouble()));
        }
        for (Status.Classifier classifier : status.classifiers()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%s: %s (last look %.0f %%), %.1f looks a second with %s; %d labelled pictures%s",
                    classifier.name(),
                    classifier.decision(),
                    100 * classifier.probability(),
                    classifier.looksPerSecond(),
                    classifier.model(),
                    classifier.pictures(),
                    classifier.training() ? "; it is being retrained" : ""));
            if (!classifier.lastTraining().isEmpty()) {
                console.print("  last retraining " + classifier.lastTraining());
            }
        }
        return 0;
    }
}

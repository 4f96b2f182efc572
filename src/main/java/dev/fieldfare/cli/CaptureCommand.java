package dev.fieldfare.cli;

import dev.fieldfare.service.Capture;
import dev.fieldfare.service.Commander;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.DeviceFolder;
import dev.fieldfare.service.Order;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "capture",
        description = "Takes pictures for a label, with the device's camera; through the device itself where it runs.")
final class CaptureCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Mixin
    DeviceOptions device = new DeviceOptions();

    @Option(names = "--label", required = true, paramLabel = "NAME", description = "What the camera sees now.")
    String label = "";

    @Option(
            names = "-n",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many pictures. Default: ${DEFAULT-VALUE}.")
    int count;

    @Option(
            names = "--classifier",
            paramLabel = "NAME",
            defaultValue = "",
            description = "For which classifier, where there are several.")
    String classifier = "";

    @Option(names = "--json", description = "Print the session and the files as one JSON document.")
    boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Console console = main.console(json);
        DeviceConfig config = device.read();
        DeviceFolder folder = device.folder(config);
        Order.Label order = new Order.Label(config.classifier(classifier), label, count);
        String answer = Commander.isRunning(folder)
                ? Commander.say(folder, order.classifier() + ": label " + order.label() + " x" + order.count())
                : Capture.take(order, config, folder, RunCommand.origins(console), Clock.systemDefaultZone());
        return Answers.show(answer, console, json);
    }
}

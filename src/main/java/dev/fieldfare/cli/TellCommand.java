package dev.fieldfare.cli;

import dev.fieldfare.service.Commander;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.Order;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "tell",
        description = "Tells a running device what to do: label NAME, retrain, rollback, pause, resume or toggle.")
final class TellCommand implements Callable<Integer> {
    @ParentCommand
    Main main = new Main();

    @Mixin
    DeviceOptions device = new DeviceOptions();

    @Option(names = "--json", description = "Print the answer as one JSON document.")
    boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "ORDER",
            description = "For example: retrain. Where there are several classifiers: parts: retrain.")
    List<String> words = List.of();

    @Override
    public Integer call() {
        Console console = main.console(json);
        DeviceConfig config = device.read();
        String order = String.join(" ", words);
        Order.parse(order); // a slip is told before anybody is asked
        return Answers.show(Commander.say(device.folder(config), order), console, json);
    }
}

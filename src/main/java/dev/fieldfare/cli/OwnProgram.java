package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.service.Launcher;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Starts this very program once more, by the same Java with the same options. */
final class OwnProgram implements Launcher {
    @Override
    public List<String> command(List<String> arguments) {
        String java = ProcessHandle.current()
                .info()
                .command()
                .orElseThrow(
                        () -> new FieldfareException("the system does not tell which Java this is, so that no child"
                                + " of it can be started; on Linux /proc must be mounted"));
        List<String> command = new ArrayList<>();
        command.add(java);
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }
}

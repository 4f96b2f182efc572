package dev.fieldfare.service;

import java.time.Duration;
import java.util.List;

/**
 * A program that is run when something happens.
 *
 * @param run the program and its arguments; no shell comes between
 * @param events on which sorts
 * @param when of which classifier and labels
 * @param timeLimit after which it is killed
 */
public record CommandSettings(List<String> run, List<EventKind> events, When when, Duration timeLimit) {
    /** What an entry leaves out; its {@code run} must be given. */
    public static final CommandSettings DEFAULT =
            new CommandSettings(List.of(), List.of(EventKind.DECIDED), When.ALWAYS, Duration.ofSeconds(10));

    public CommandSettings {
        run = List.copyOf(run);
        events = List.copyOf(events);
        Checks.requireTime("commands.timeLimit", timeLimit, Duration.ofHours(1));
        Checks.require(!timeLimit.isZero(), "commands.timeLimit", "longer than nothing", "0s");
    }

    /**
     * Checks what an entry of a configuration must not leave out.
     *
     * @param entry its key, such as {@code commands.0}
     * @throws dev.fieldfare.FieldfareException if it does
     */
    void requireComplete(String entry) {
        Checks.require(
                !run.isEmpty() && !run.getFirst().isBlank(),
                entry + ".run",
                "a list of a program and its arguments, such as [/usr/bin/espeak, a bird]",
                "missing");
    }
}

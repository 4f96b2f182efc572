package dev.fieldfare.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code fieldfare}; each subcommand is a class of its own. */
@Command(
        name = "fieldfare",
        description = "Lets small devices see, and lets them learn where they stand.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            ClassifyCommand.class,
            EvaluateCommand.class,
            PlanCommand.class,
            RetrainCommand.class,
            TuneCommand.class,
            RunCommand.class,
            CaptureCommand.class,
            StatusCommand.class,
            TellCommand.class,
            ModelsCommand.class,
            BenchCommand.class,
            DoctorCommand.class
        })
public final class Main implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version and exit.")
    boolean version;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Say more on standard error; a failure comes with its stack trace.")
    boolean verbose;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Exits with 0 if the work was done, 1 if it failed, 2 if it was asked for wrongly. */
    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /** {@link #main} without the exit. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Main main = new Main();
        CommandLine commandLine =
                new CommandLine(main).setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
        Failures failures = new Failures(err, () -> main.verbose);
        commandLine.setParameterExceptionHandler((wrong, given) -> failures.wrongUse(wrong));
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> failures.failed(failure));
        try {
            return commandLine.execute(arguments);
        } catch (Error failure) { // picocli hands over exceptions, not errors
            return failures.failed(failure);
        }
    }

    /** The console of a command; progress bars only where a person watches. */
    Console console(boolean json) {
        CommandLine commandLine = spec.commandLine();
        java.io.Console terminal = System.console();
        boolean watched = !json && terminal != null && terminal.isTerminal();
        return new Console(commandLine.getOut(), commandLine.getErr(), json, watched);
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}

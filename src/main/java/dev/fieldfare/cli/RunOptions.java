package dev.fieldfare.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that most commands have. */
final class RunOptions {
    /** ONNX Runtime starts as many threads as it is told to, whatever that does to the machine. */
    private static final int MOST_THREADS = 64;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Nullable
    Integer threads;

    @Option(names = "--seed", paramLabel = "N", description = "Everything random follows from it. Default: 1.")
    @Nullable
    Long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads that work on one operator, 1 to 64. Default: as many as there are processors, at most 4.")
    void setThreads(int count) {
        if (count < 1 || count > MOST_THREADS) {
            throw new ParameterException(
                    spec.commandLine(), "--threads must be between 1 and " + MOST_THREADS + ", not " + count);
        }
        threads = count;
    }

    /** What was asked for cannot be: a wrong use of the command that these options belong to. */
    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    int effectiveThreads() {
        return threads != null ? threads : Math.min(4, Runtime.getRuntime().availableProcessors());
    }
}

package dev.fieldfare.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that most commands have. */
final class RunOptions {
    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that work on one operator. Default: as many as there are processors, at most 4.")
    @Nullable
    Integer threads;

    @Option(names = "--seed", paramLabel = "N", description = "Everything random follows from it. Default: 1.")
    @Nullable
    Long seed;

    int effectiveThreads() {
        return threads != null && threads > 0
                ? threads
                : Math.min(4, Runtime.getRuntime().availableProcessors());
    }
}

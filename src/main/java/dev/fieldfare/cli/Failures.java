package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a failure looks like on standard error: one sentence, and the stack trace only if asked for. */
record Failures(PrintWriter err, BooleanSupplier verbose) {
    static final int FAILED = 1;
    static final int WRONG_USE = 2;

    int wrongUse(ParameterException wrong) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        err.println("fieldfare: " + FieldfareException.printable(String.valueOf(wrong.getMessage())) + "; '" + command
                + " --help' shows how it is used.");
        UnmatchedArgumentException.printSuggestions(wrong, err);
        if (verbose.getAsBoolean()) {
            wrong.printStackTrace(err);
        }
        return WRONG_USE;
    }

    int failed(Throwable failure) {
        err.println("fieldfare: " + FieldfareException.printable(sentence(failure)));
        if (verbose.getAsBoolean()) {
            failure.printStackTrace(err);
        }
        return FAILED;
    }

    private String sentence(Throwable failure) {
        return switch (failure) {
            case FieldfareException known -> String.valueOf(known.getMessage());
            case OutOfMemoryError full ->
                "Java's part of the memory is full (" + full.getMessage()
                        + "); FIELDFARE_JAVA_OPTIONS=-Xmx96m gives it " + "more.";
            default ->
                "this is a mistake in Fieldfare, not yours: " + failure + ". "
                        + (verbose.getAsBoolean()
                                ? "Please report it with the trace below."
                                : "Please report it with what the same command prints with --verbose.");
        };
    }
}

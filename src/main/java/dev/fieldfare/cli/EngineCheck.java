package dev.fieldfare.cli;

import dev.fieldfare.board.Finding;
import dev.fieldfare.runtime.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tries the engine in a child process: an instruction that the processor does not know would end this one. */
final class EngineCheck {
    private static final long PATIENCE_SECONDS = 60;

    /** Statuses of a process that a signal ended begin here: 132 is SIGILL, 137 SIGKILL, 139 SIGSEGV. */
    private static final int SIGNALLED = 128;

    private EngineCheck() {}

    /** The child. */
    public static void main(String[] arguments) {
        System.out.println("ONNX Runtime " + Engine.check());
    }

    static Finding run() throws InterruptedException {
        List<String> command = new ArrayList<>(new OwnProgram().command(List.of()));
        command.set(command.size() - 1, EngineCheck.class.getName());
        return run(command);
    }

    /** The finding of a child that was started like this. */
    static Finding run(List<String> command) throws InterruptedException {
        try {
            Process child =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            // It says less than fits into a pipe.
            if (!child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                child.destroyForcibly();
                return Finding.fail("engine", "ONNX Runtime hangs", "end other programs, and try again");
            }
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return finding(child.exitValue(), said);
        } catch (IOException e) {
            return Finding.warn("engine", "not tried: " + e.getMessage(), "'fieldfare demo' will tell");
        }
    }

    private static Finding finding(int status, String said) {
        if (status == 0) {
            return Finding.ok("engine", lastLine(said));
        }
        if (status > SIGNALLED) {
            return Finding.fail(
                    "engine",
                    "ONNX Runtime ended its process by signal " + (status - SIGNALLED),
                    "the processor may lack an instruction (see 'processor') or the memory ran out (see 'memory')");
        }
        return Finding.fail(
                "engine",
                "ONNX Runtime cannot be loaded: " + lastLine(said),
                "it needs Linux of 64 bits with glibc 2.28 or newer; Alpine's musl will not do");
    }

    /** Of a stack trace, the line that says what happened. */
    private static String lastLine(String said) {
        return said.lines()
                .filter(line -> !line.startsWith("\t"))
                .reduce((first, second) -> second)
                .orElse("no words");
    }
}

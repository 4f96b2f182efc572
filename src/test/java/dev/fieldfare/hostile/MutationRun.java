package dev.fieldfare.hostile;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Shows mutations to a reader, in a process of its own with little memory: {@code MutationRun READER FROM COUNT FOLDER}. It
 * ends with 0 if each got an answer or a clear refusal. What did anything else lies in the folder as {@code input}.
 */
final class MutationRun {
    /** No input of a few kilobytes may keep a reader for so long, however busy the machine is. */
    private static final long LONGEST_SECONDS = 60;

    private MutationRun() {}

    /** What looks at one input. */
    interface Reader {
        /** @throws FieldfareException if it refuses the input */
        void read(byte[] input) throws IOException;
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[3]);
        Target target = Target.valueOf(arguments[0]);
        long from = Long.parseLong(arguments[1]);
        long count = Long.parseLong(arguments[2]);
        AtomicLong current = new AtomicLong(from);
        watch(current);
        long answered = 0;
        long failures = 0;
        LongFunction<byte[]> inputs = target.inputs();
        Reader reader = target.reader(folder);
        for (long number = from; number < from + count; number++) {
            byte[] input = inputs.apply(number);
            current.set(number);
            try {
                answered += one(reader, input, number, folder) ? 1 : 0;
            } catch (RuntimeException mistake) {
                failures++;
                System.out.println("mutation " + number + ": " + mistake);
                Arrays.stream(mistake.getStackTrace()).limit(12).forEach(frame -> System.out.println("    " + frame));
            }
        }
        System.out.println(
                answered + " answers, " + (count - answered - failures) + " refusals, " + failures + " failures");
        System.exit(failures == 0 ? 0 : 1);
    }

    private static boolean one(Reader reader, byte[] input, long number, Path folder) {
        try {
            // Written first: a crash leaves no time for it.
            Files.write(folder.resolve("input"), input);
            reader.read(input);
            return true;
        } catch (FieldfareException refused) {
            Refusals.requireSane(refused);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the process if one input takes too long, and says where it hangs. */
    private static void watch(AtomicLong current) {
        Thread.ofPlatform().daemon().start(() -> {
            long before = -1;
            while (true) {
                try {
                    Thread.sleep(LONGEST_SECONDS * 1000);
                } catch (InterruptedException e) {
                    return;
                }
                long now = current.get();
                if (now == before) {
                    System.out.println("mutation " + now + " takes more than " + LONGEST_SECONDS + " s:");
                    Thread.getAllStackTraces().forEach((thread, stack) -> {
                        System.out.println(thread);
                        for (StackTraceElement frame : stack) {
                            System.out.println("    " + frame);
                        }
                    });
                    Runtime.getRuntime().halt(4);
                }
                before = now;
            }
        });
    }
}
